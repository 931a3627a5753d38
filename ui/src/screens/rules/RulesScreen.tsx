import { Trans, useLingui } from "@lingui/react/macro";
import { Button, Group, Title as Heading, Loader, Table } from "@mantine/core";
import { IconPlus, IconTrash } from "@tabler/icons-react";
import { type ReactNode, useState } from "react";
import { Card } from "../../components/Card";
import { Category } from "../../components/Category";
import { Confirm } from "../../components/Dialog";
import { ErrorNotice } from "../../components/Notice";
import { OpenChanges } from "../../components/OpenChanges";
import { Screen } from "../../components/Screen";
import { Standing } from "../../components/Standing";
import { formatDay } from "../../format";
import type { Branch, CatalogueChange, ClosedDay, LoanPolicy } from "../../platform/desk";
import { useRules } from "../../queries";
import { useChange } from "../changes/useChange";
import { BranchForm } from "./BranchForm";
import { ClosedDayForm } from "./ClosedDayForm";
import { PolicyForm } from "./PolicyForm";

/** What is open: a form of a row or of a new one, or the question before a row is taken away. */
type Opened =
  | { kind: "branch"; row: Branch | null }
  | { kind: "policy"; row: LoanPolicy | null }
  | { kind: "closed"; row: ClosedDay | null }
  | { kind: "remove"; change: CatalogueChange; name: ReactNode };

/** Of a cell whose words stay on one line. */
const WHOLE = { whiteSpace: "nowrap" } as const;

/** Branches, loan policy and closed days: what holds at every site. */
export function RulesScreen() {
  const rules = useRules();
  const change = useChange();
  const [opened, setOpened] = useState<Opened | null>(null);
  const open = (next: Opened) => {
    change.forget();
    setOpened(next);
  };
  const close = () => setOpened(null);
  const submit = (one: CatalogueChange) => change.submit(one, close);
  const form = { busy: change.busy, error: change.error, onClose: close };
  const { branches, policies, days } = rules;
  const known = branches.data?.branches ?? [];
  return (
    <Screen
      title={<Trans>Rules for all sites</Trans>}
      data-testid="rules-screen"
      top={
        <>
          <ErrorNotice error={branches.error ?? policies.error ?? days.error} />
          {change.shown}
          <OpenChanges />
        </>
      }
    >
      {branches.isPending && !branches.error && <Loader mx="auto" />}
      {branches.data && <Branches rows={known} onOpen={(row) => open({ kind: "branch", row })} />}
      {policies.data && <Policies rows={policies.data.policies} onOpen={open} />}
      {days.data && <ClosedDays rows={days.data.days} onOpen={open} />}
      {opened?.kind === "branch" && (
        <BranchForm
          {...form}
          row={opened.row}
          onSave={(branch) => submit({ change: "put_branch", branch, seen: opened.row })}
        />
      )}
      {opened?.kind === "policy" && (
        <PolicyForm
          {...form}
          row={opened.row}
          branches={known}
          onSave={(policy) => submit({ change: "put_policy", policy, seen: opened.row })}
        />
      )}
      {opened?.kind === "closed" && (
        <ClosedDayForm
          {...form}
          row={opened.row}
          branches={known}
          onSave={(closed) => submit({ change: "put_closed_day", closed, seen: opened.row })}
        />
      )}
      {opened?.kind === "remove" && (
        <Confirm
          title={<Trans>Take it away at all sites?</Trans>}
          action={<Trans>Take it away</Trans>}
          danger
          busy={change.busy}
          error={change.error}
          onConfirm={() => submit(opened.change)}
          onClose={close}
        >
          {opened.name}
        </Confirm>
      )}
    </Screen>
  );
}

function Section(props: {
  title: ReactNode;
  action: ReactNode;
  onAdd: () => void;
  "data-testid": string;
  children: ReactNode;
}) {
  return (
    <Card style={{ flex: "none" }}>
      <Group justify="space-between" mb={6}>
        <Heading order={2} size={18}>
          {props.title}
        </Heading>
        <Button
          size="compact-md"
          leftSection={<IconPlus size={16} aria-hidden />}
          onClick={props.onAdd}
          data-testid={props["data-testid"]}
        >
          {props.action}
        </Button>
      </Group>
      {props.children}
    </Card>
  );
}

/** The buttons at the end of a row. */
function Deeds(props: { name: string; id: string; onOpen: () => void; onRemove?: () => void }) {
  const { t } = useLingui();
  return (
    <Group gap={6} justify="flex-end" wrap="nowrap">
      <Button
        size="compact-sm"
        variant="default"
        onClick={props.onOpen}
        aria-label={t`Change ${props.name}`}
        data-testid={`${props.id}-open`}
      >
        <Trans>Change</Trans>
      </Button>
      {props.onRemove && (
        <Button
          size="compact-sm"
          variant="default"
          onClick={props.onRemove}
          aria-label={t`Take away ${props.name}`}
          data-testid={`${props.id}-remove`}
        >
          <IconTrash size={16} aria-hidden />
        </Button>
      )}
    </Group>
  );
}

function Branches(props: { rows: readonly Branch[]; onOpen: (row: Branch | null) => void }) {
  const { t } = useLingui();
  return (
    <Section
      title={<Trans>Branches</Trans>}
      action={<Trans>New branch</Trans>}
      onAdd={() => props.onOpen(null)}
      data-testid="branch-add"
    >
      <Table verticalSpacing={4} aria-label={t`Branches`}>
        <Table.Tbody>
          {props.rows.map((row) => (
            <Table.Tr key={row.code} data-testid={`branch-${row.code}`}>
              <Table.Th scope="row" fw={600} w={80}>
                {row.code}
              </Table.Th>
              <Table.Td style={WHOLE}>{row.name}</Table.Td>
              <Table.Td>{row.address}</Table.Td>
              <Table.Td w={170}>
                <Standing standing={row.standing} />
              </Table.Td>
              <Table.Td w={90}>
                <Deeds name={row.name} id="branch" onOpen={() => props.onOpen(row)} />
              </Table.Td>
            </Table.Tr>
          ))}
        </Table.Tbody>
      </Table>
    </Section>
  );
}

function Policies(props: { rows: readonly LoanPolicy[]; onOpen: (opened: Opened) => void }) {
  const { t } = useLingui();
  return (
    <Section
      title={<Trans>Loan policy</Trans>}
      action={<Trans>New loan policy</Trans>}
      onAdd={() => props.onOpen({ kind: "policy", row: null })}
      data-testid="policy-add"
    >
      <Table verticalSpacing={4} aria-label={t`Loan policy`}>
        <Table.Thead>
          <Table.Tr>
            <Table.Th>
              <Trans>Branch</Trans>
            </Table.Th>
            <Table.Th>
              <Trans>Category</Trans>
            </Table.Th>
            <Table.Th ta="right">
              <Trans>Days of a loan</Trans>
            </Table.Th>
            <Table.Th ta="right">
              <Trans>Books at one time</Trans>
            </Table.Th>
            <Table.Th ta="right">
              <Trans>Renewals of a loan</Trans>
            </Table.Th>
            <Table.Th ta="right">
              <Trans>Days of a renewal</Trans>
            </Table.Th>
            <Table.Td />
          </Table.Tr>
        </Table.Thead>
        <Table.Tbody>
          {props.rows.map((row) => (
            <Table.Tr key={`${row.branch} ${row.category}`} data-testid="policy">
              <Table.Td style={WHOLE}>{row.branch ?? <Trans>All branches</Trans>}</Table.Td>
              <Table.Td style={WHOLE}>
                {row.category ? <Category code={row.category} /> : <Trans>other categories</Trans>}
              </Table.Td>
              <Table.Td ta="right">{row.loan_days}</Table.Td>
              <Table.Td ta="right">{row.loans_max}</Table.Td>
              <Table.Td ta="right">{row.renewals_max}</Table.Td>
              <Table.Td ta="right">{row.renewal_days}</Table.Td>
              <Table.Td w={130}>
                <Deeds
                  name={`${row.branch ?? ""} ${row.category ?? ""}`}
                  id="policy"
                  onOpen={() => props.onOpen({ kind: "policy", row })}
                  onRemove={() =>
                    props.onOpen({
                      kind: "remove",
                      change: { change: "remove_policy", seen: row },
                      name: (
                        <Trans>
                          Patrons of this category then follow the rule for all branches, or the one
                          for other categories.
                        </Trans>
                      ),
                    })
                  }
                />
              </Table.Td>
            </Table.Tr>
          ))}
        </Table.Tbody>
      </Table>
    </Section>
  );
}

function ClosedDays(props: { rows: readonly ClosedDay[]; onOpen: (opened: Opened) => void }) {
  const { t } = useLingui();
  return (
    <Section
      title={<Trans>Closed days</Trans>}
      action={<Trans>New closed day</Trans>}
      onAdd={() => props.onOpen({ kind: "closed", row: null })}
      data-testid="closed-add"
    >
      <Table verticalSpacing={4} aria-label={t`Closed days`}>
        <Table.Tbody>
          {props.rows.map((row) => (
            <Table.Tr key={`${row.branch} ${row.date}`} data-testid="closed-day">
              <Table.Th scope="row" fw={600} w={130}>
                {formatDay(row.date)}
              </Table.Th>
              <Table.Td w={180}>{row.branch ?? <Trans>All branches</Trans>}</Table.Td>
              <Table.Td>{row.note}</Table.Td>
              <Table.Td w={130}>
                <Deeds
                  name={formatDay(row.date)}
                  id="closed"
                  onOpen={() => props.onOpen({ kind: "closed", row })}
                  onRemove={() =>
                    props.onOpen({
                      kind: "remove",
                      change: { change: "remove_closed_day", seen: row },
                      name: <Trans>New due dates may then fall on {formatDay(row.date)}.</Trans>,
                    })
                  }
                />
              </Table.Td>
            </Table.Tr>
          ))}
        </Table.Tbody>
      </Table>
    </Section>
  );
}

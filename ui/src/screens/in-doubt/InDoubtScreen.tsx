import { Plural, Trans } from "@lingui/react/macro";
import { Badge, Button, Group, Loader, Stack, Text } from "@mantine/core";
import { IconRefresh } from "@tabler/icons-react";
import { type ReactNode, useState } from "react";
import { Card } from "../../components/Card";
import { Empty } from "../../components/Empty";
import { ErrorNotice, Notice } from "../../components/Notice";
import { Screen } from "../../components/Screen";
import { useBranches } from "../../components/useBranches";
import { useLanguage } from "../../i18n";
import type { OutcomeView, TransactionView } from "../../platform/desk";
import { useDeed, useInDoubt } from "../../queries";
import { SENSE } from "../../theme";
import { ForceDialog } from "./ForceDialog";
import { ForcedNotice, ForgottenNotice, RepairedNotice, SettledNotice } from "./Outcomes";
import { Shares } from "./Shares";
import { WhatWords } from "./WhatWords";

/** Transactions that are not settled: what each site has of them, and what a manager can do about it. */
export function InDoubtScreen() {
  const { say } = useLanguage();
  const { nameOf } = useBranches();
  const found = useInDoubt();
  const [outcome, setOutcome] = useState<ReactNode>(null);
  const listed = found.data;
  return (
    <Screen
      title={<Trans>Transactions in doubt</Trans>}
      data-testid="in-doubt-screen"
      actions={
        <Button
          variant="default"
          leftSection={<IconRefresh size={18} aria-hidden />}
          loading={found.isFetching}
          onClick={() => void found.refetch()}
          data-testid="in-doubt-again"
        >
          <Trans>Ask again</Trans>
        </Button>
      }
      top={
        <>
          <ErrorNotice error={found.error} />
          {outcome}
          {listed && listed.unheard.length > 0 && (
            <Notice kind="attention" data-testid="in-doubt-unheard">
              <Trans>These sites could not be asked; they may have others:</Trans>
              {listed.unheard.map(({ branch, message }) => (
                <div key={branch}>
                  <b>{nameOf(branch)}</b>: {say(message)}
                </div>
              ))}
            </Notice>
          )}
          {listed?.more && (
            <Notice kind="info">
              <Trans>There are more than are listed.</Trans>
            </Notice>
          )}
        </>
      }
    >
      {!listed && !found.error && <Loader mx="auto" />}
      {listed?.transactions.length === 0 && (
        <Empty>
          <Trans>
            Nothing is in doubt. A transaction whose sites lose each other appears here; it is
            finished by itself as soon as they can be reached again.
          </Trans>
        </Empty>
      )}
      {listed && listed.transactions.length > 0 && (
        <Stack gap="sm" component="ul" m={0} p={0} style={{ listStyle: "none" }}>
          {listed.transactions.map((transaction) => (
            <Entry key={transaction.txn} transaction={transaction} onOutcome={setOutcome} />
          ))}
        </Stack>
      )}
    </Screen>
  );
}

function Entry(props: { transaction: TransactionView; onOutcome: (outcome: ReactNode) => void }) {
  const { nameOf } = useBranches();
  const { transaction, onOutcome } = props;
  const { txn, decider, decision } = transaction;
  const [forces, setForces] = useState<OutcomeView | null>(null);
  const resolve = useDeed(
    (desk, id: string) => desk.transactionResolve(id),
    "inDoubt",
    "transfers",
  );
  const repair = useDeed((desk, id: string) => desk.transactionRepair(id), "inDoubt", "titles");
  const forget = useDeed((desk, id: string) => desk.transactionForget(id), "inDoubt");
  const isForced = transaction.sites.some(({ state }) => FORCED.has(state));
  const decides = nameOf(decider);
  return (
    <li data-testid="transaction" data-txn={txn}>
      <Card>
        <Stack gap="sm">
          <Group justify="space-between" align="flex-start" wrap="nowrap">
            <div>
              <WhatWords what={transaction.what} />
              <Text size="sm" c="dimmed">
                <Trans>{decides} decides</Trans> · <Age seconds={transaction.age_s} /> · {txn}
              </Text>
            </div>
            <Decision decision={decision} />
          </Group>
          <Shares sites={transaction.sites} />
          {transaction.needs_repair && (
            <Notice kind="error" data-testid="needs-repair">
              <Trans>
                It was decided otherwise than a manager chose here: the sites differ now. Repair it.
              </Trans>
            </Notice>
          )}
          <ErrorNotice error={resolve.error ?? repair.error ?? forget.error} />
          <Group gap="sm">
            <Button
              size="compact-md"
              loading={resolve.isPending}
              onClick={() =>
                resolve.mutate(txn, {
                  onSuccess: (settled) => onOutcome(<SettledNotice settled={settled} />),
                })
              }
              data-testid="txn-resolve"
            >
              <Trans>Resolve</Trans>
            </Button>
            {transaction.needs_repair && (
              <Button
                size="compact-md"
                loading={repair.isPending}
                onClick={() =>
                  repair.mutate(txn, {
                    onSuccess: (repaired) => onOutcome(<RepairedNotice repaired={repaired} />),
                  })
                }
                data-testid="txn-repair"
              >
                <Trans>Repair</Trans>
              </Button>
            )}
            {transaction.may_force && (
              <>
                <Button
                  size="compact-md"
                  variant="outline"
                  color={SENSE.bad}
                  onClick={() => setForces("commit")}
                  data-testid="txn-force-commit"
                >
                  <Trans>Force: do it…</Trans>
                </Button>
                <Button
                  size="compact-md"
                  variant="outline"
                  color={SENSE.bad}
                  onClick={() => setForces("abort")}
                  data-testid="txn-force-abort"
                >
                  <Trans>Force: give it up…</Trans>
                </Button>
              </>
            )}
            {isForced && (
              <Button
                size="compact-md"
                variant="default"
                loading={forget.isPending}
                onClick={() =>
                  forget.mutate(txn, {
                    onSuccess: (told) => onOutcome(<ForgottenNotice forgotten={told} />),
                  })
                }
                data-testid="txn-forget"
              >
                <Trans>Forget what was forced</Trans>
              </Button>
            )}
          </Group>
        </Stack>
      </Card>
      {forces && (
        <ForceDialog
          transaction={transaction}
          outcome={forces}
          onForced={(forced) => {
            setForces(null);
            onOutcome(<ForcedNotice forced={forced} />);
          }}
          onClose={() => setForces(null)}
        />
      )}
    </li>
  );
}

const FORCED: ReadonlySet<string> = new Set([
  "forced_commit",
  "forced_abort",
  "wrongly_committed",
  "wrongly_aborted",
]);

/** How it was decided, as far as any site knows. */
function Decision({ decision }: { decision: OutcomeView | null }) {
  switch (decision) {
    case "commit":
      return (
        <Badge color={SENSE.good} size="lg" tt="none" data-testid="decision">
          <Trans>decided: to be done</Trans>
        </Badge>
      );
    case "abort":
      return (
        <Badge color={SENSE.gone} size="lg" tt="none" data-testid="decision">
          <Trans>decided: given up</Trans>
        </Badge>
      );
    case null:
      return (
        <Badge color={SENSE.attention} size="lg" tt="none" data-testid="decision">
          <Trans>in doubt</Trans>
        </Badge>
      );
  }
}

/** For how long a site has promised. */
function Age({ seconds }: { seconds: number }) {
  if (seconds < 120) {
    return <Plural value={seconds} one="open for # second" other="open for # seconds" />;
  }
  const minutes = Math.floor(seconds / 60);
  if (minutes < 120) {
    return <Plural value={minutes} one="open for # minute" other="open for # minutes" />;
  }
  const hours = Math.floor(minutes / 60);
  return hours < 48 ? (
    <Plural value={hours} one="open for # hour" other="open for # hours" />
  ) : (
    <Plural value={Math.floor(hours / 24)} one="open for # day" other="open for # days" />
  );
}

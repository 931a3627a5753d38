import { Plural, Trans, useLingui } from "@lingui/react/macro";
import { Button, Group, Title as Heading, NativeSelect, Stack, Text } from "@mantine/core";
import { IconScale } from "@tabler/icons-react";
import { useState } from "react";
import { Card } from "../../components/Card";
import { ErrorNotice, Notice } from "../../components/Notice";
import { fieldsOf } from "../../components/replicated";
import { resourceKey, resourceName, rowKind } from "../../components/resources";
import { SideBySide } from "../../components/SideBySide";
import { useBranches } from "../../components/useBranches";
import { formatNumber } from "../../format";
import { useLanguage } from "../../i18n";
import type {
  AuditProgress,
  AuditView,
  CustodyFinding,
  SideBySide as Difference,
  RowsView,
  Wanted,
} from "../../platform/desk";
import { useDeed, useLongDeed } from "../../queries";

/** Differing rows and odd barcodes that are shown; all are counted. */
const SHOWN_MAX = 50;

/** Compares what every site holds, shows what differs side by side, and repairs it at all sites. */
export function AuditPanel() {
  const audit = useLongDeed((desk, _: null, hear: (news: AuditProgress) => void) =>
    desk.replicaAudit(hear),
  );
  const compared = audit.told.filter((news) => news.kind === "compared");
  return (
    <Card style={{ flex: "none" }} data-testid="audit" data-running={audit.isPending}>
      <Stack gap="sm">
        <Group justify="space-between">
          <Heading order={2} size={18}>
            <Trans>Are all sites alike?</Trans>
          </Heading>
          <Button
            size="compact-md"
            leftSection={<IconScale size={16} aria-hidden />}
            loading={audit.isPending}
            onClick={() => audit.mutate(null)}
            data-testid="audit-run"
          >
            <Trans>Compare the sites</Trans>
          </Button>
        </Group>
        <ErrorNotice error={audit.error} />
        {audit.isPending && (
          <Text>
            <Plural
              value={compared.length}
              _0="The tables are being compared…"
              one="# table is compared…"
              other="# tables are compared…"
            />
          </Text>
        )}
        {audit.data ? (
          <Audited audited={audit.data} onRepaired={() => audit.mutate(null)} />
        ) : (
          !audit.isPending && (
            <Text c="dimmed">
              <Trans>
                Titles, branches, loan policy and closed days are compared over all active sites
                without moving them, and so are barcodes: each has to be at one branch alone.
              </Trans>
            </Text>
          )
        )}
      </Stack>
    </Card>
  );
}

function Audited({ audited, onRepaired }: { audited: AuditView; onRepaired: () => void }) {
  const { nameOf } = useBranches();
  const { language, say } = useLanguage();
  const { differing, odd, unheard, left_out } = audited;
  const barcodes = formatNumber(audited.barcodes, language);
  const isFine = differing + odd + unheard.length === 0;
  return (
    <>
      <Notice kind={isFine ? "info" : "attention"} data-testid="audit-result">
        <Plural
          value={differing}
          _0="All sites that were compared hold the same rows."
          one="# row differs."
          other="# rows differ."
        />{" "}
        <Plural
          value={odd}
          _0="Every barcode is where it belongs."
          one="# barcode or code is odd."
          other="# barcodes or codes are odd."
        />{" "}
        <Trans>{barcodes} barcodes were looked at.</Trans>
        {left_out.length > 0 && (
          <div>
            <Trans>Left out, because they take no part: {left_out.map(nameOf).join(", ")}</Trans>
          </div>
        )}
        {unheard.map(({ branch, message }) => (
          <div key={branch}>
            <b>{nameOf(branch)}</b>: {say(message)}
          </div>
        ))}
      </Notice>
      {audited.differences.slice(0, SHOWN_MAX).map((row) => (
        <DifferingRow key={resourceKey(row.resource)} row={row} onRepaired={onRepaired} />
      ))}
      {audited.custody.slice(0, SHOWN_MAX).map((finding) => (
        <Notice key={JSON.stringify(finding)} kind="attention" data-testid="custody">
          <CustodyWords finding={finding} />
        </Notice>
      ))}
    </>
  );
}

/** A row as the sites have it, and whose version it is to become everywhere. */
function DifferingRow({ row, onRepaired }: { row: Difference; onRepaired: () => void }) {
  const { t } = useLingui();
  const { nameOf } = useBranches();
  const [like, setLike] = useState(row.versions[0]?.branches[0] ?? "");
  const repair = useDeed((desk, wanted: Wanted) => desk.replicaRepair([wanted]), "titles", "rules");
  const kind = rowKind(row.resource);
  return (
    <Stack gap={6} data-testid="differing-row">
      <Text fw={600}>{resourceName(row.resource)}</Text>
      {kind && (
        <SideBySide
          label={t`The row at each site`}
          versions={row.versions.map((version) => ({
            key: version.branches.join(" "),
            head: version.branches.map(nameOf).join(", "),
            row: version.row,
          }))}
          fields={fieldsOf(kind)}
        />
      )}
      <ErrorNotice error={repair.error} />
      {repair.data && !repair.data.done && <NotDone view={repair.data} />}
      <Group align="flex-end">
        <NativeSelect
          label={t`As it is at`}
          value={like}
          onChange={(event) => setLike(event.currentTarget.value)}
          data={row.versions.map(({ branches }) => ({
            value: branches[0] ?? "",
            label: branches.map(nameOf).join(", "),
          }))}
          data-testid="repair-like"
        />
        <Button
          variant="default"
          loading={repair.isPending}
          onClick={() =>
            repair.mutate(
              { resource: row.resource, like },
              { onSuccess: (view) => view.done && onRepaired() },
            )
          }
          data-testid="repair-row"
        >
          <Trans>Make it so at all sites</Trans>
        </Button>
      </Group>
    </Stack>
  );
}

/** Why a change of rows was not done, or not yet everywhere. */
export function NotDone({ view }: { view: RowsView }) {
  const { nameOf } = useBranches();
  const { say } = useLanguage();
  const untold = view.settled?.untold.map(nameOf).join(", ") ?? "";
  return (
    <Notice kind="error" data-testid="rows-not-done">
      {untold === "" ? (
        <Trans>It was not done.</Trans>
      ) : (
        <Trans>It is decided; to be told when they can be reached: {untold}</Trans>
      )}
      {view.hindered.map(({ branch, key }) => (
        <div key={`${branch} ${key}`}>
          <b>{nameOf(branch)}</b>: {key}
        </div>
      ))}
      {view.settled?.failed.map(({ branch, message }) => (
        <div key={branch}>
          <b>{nameOf(branch)}</b>: {say(message)}
        </div>
      ))}
    </Notice>
  );
}

/** What is not as it should be with a barcode or a patron's code. */
function CustodyWords({ finding }: { finding: CustodyFinding }) {
  const { nameOf } = useBranches();
  switch (finding.kind) {
    case "live_twice": {
      const branches = finding.branches.map(nameOf).join(", ");
      return (
        <Trans>
          Barcode {finding.barcode} is live at several branches: {branches}. Compare the books, and
          give one of them another barcode.
        </Trans>
      );
    }
    case "astray": {
      const branch = nameOf(finding.branch);
      const to = finding.to ? nameOf(finding.to) : "?";
      return (
        <Trans>
          {branch} says that {finding.barcode} went to {to}, and it is not found there.
        </Trans>
      );
    }
    case "not_sent": {
      const [branch, from] = [nameOf(finding.branch), nameOf(finding.from)];
      return (
        <Trans>
          {finding.barcode} arrived at {branch} from {from}, which did not send it.
        </Trans>
      );
    }
    case "patron_code_twice": {
      const branches = finding.branches.map(nameOf).join(", ");
      return (
        <Trans>
          {finding.code} is the code of different patrons at: {branches}.
        </Trans>
      );
    }
  }
}

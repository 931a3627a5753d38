import { Trans, useLingui } from "@lingui/react/macro";
import { Button, Group, Stack, Text } from "@mantine/core";
import { Dialog } from "../../components/Dialog";
import { ErrorNotice } from "../../components/Notice";
import { changedBy, fieldsOf, rowName } from "../../components/replicated";
import { SideBySide, type Version } from "../../components/SideBySide";
import { useBranches } from "../../components/useBranches";
import { useLanguage } from "../../i18n";
import type { AgainstView, CatalogueChange, PendingView, ReplicatedRow } from "../../platform/desk";
import { useDeed } from "../../queries";

/** A refused change: what was seen when it was made beside what stands now; to be withdrawn, or done on top. */
export function Compare({ entry, onClose }: { entry: PendingView; onClose: () => void }) {
  const { t } = useLingui();
  const { nameOf } = useBranches();
  const { say } = useLanguage();
  const { against } = entry;
  const again = useDeed(
    async (desk, changes: CatalogueChange[]) => {
      await desk.changeWithdraw(entry.id);
      return desk.catalogueChange(changes);
    },
    "changes",
    "titles",
    "rules",
  );
  const withdraw = useDeed((desk, id: string) => desk.changeWithdraw(id), "changes");
  const onTop =
    entry.size === entry.first.length ? entry.first.map((one) => seeing(one, against)) : null;
  return (
    <Dialog
      title={<Trans>What stands against it</Trans>}
      onClose={onClose}
      size="xl"
      data-testid="compare-dialog"
    >
      <Stack>
        {entry.message && <Text>{say(entry.message)}</Text>}
        {entry.first.map((change) => {
          const { wanted, seen } = changedBy(change);
          const row = wanted ?? seen;
          if (row === null) {
            return null;
          }
          const stands = against.filter((one) => isAbout(one, change));
          const versions: Version<ReplicatedRow>[] = [
            { key: "seen", head: <Trans>Seen when it was changed</Trans>, row: seen },
            ...stands.map((one) => ({
              key: `stands-${one.branch}`,
              head: <Trans>Stands at {nameOf(one.branch)}</Trans>,
              row: one.stands,
            })),
            { key: "wanted", head: <Trans>What it was to be</Trans>, row: wanted },
          ];
          return (
            <div key={JSON.stringify(change)}>
              <Text fw={600}>{rowName(row)}</Text>
              <SideBySide
                label={t`What was seen beside what stands`}
                versions={versions}
                fields={fieldsOf(row.kind)}
                data-testid="compare"
              />
            </div>
          );
        })}
        <ErrorNotice error={again.error ?? withdraw.error} />
        <Group justify="flex-end">
          <Button variant="default" onClick={onClose}>
            <Trans>Close</Trans>
          </Button>
          {onTop && (
            <Button
              variant="default"
              loading={again.isPending}
              onClick={() => again.mutate(onTop, { onSuccess: onClose })}
              data-testid="compare-again"
            >
              <Trans>Write it over what stands</Trans>
            </Button>
          )}
          <Button
            loading={withdraw.isPending}
            onClick={() => withdraw.mutate(entry.id, { onSuccess: onClose })}
            data-autofocus
            data-testid="compare-withdraw"
          >
            <Trans>Leave it as it stands</Trans>
          </Button>
        </Group>
      </Stack>
    </Dialog>
  );
}

/** Whether something that stands against an entry is about this change of it. */
function isAbout(against: AgainstView, change: CatalogueChange): boolean {
  const { wanted, seen } = changedBy(change);
  const row = wanted ?? seen;
  return row !== null && row.kind === against.resource.kind && keyOf(row) === keyText(against);
}

function keyText({ resource }: AgainstView): string {
  return "key" in resource ? JSON.stringify(resource.key) : "";
}

function keyOf(row: ReplicatedRow): string {
  switch (row.kind) {
    case "title":
      return JSON.stringify(row.row.key);
    case "branch":
      return JSON.stringify(row.row.code);
    case "policy":
      return JSON.stringify([row.row.branch, row.row.category]);
    case "closed_day":
      return JSON.stringify([row.row.branch, row.row.date]);
  }
}

/** The change as of what stands now. */
function seeing(change: CatalogueChange, against: readonly AgainstView[]): CatalogueChange {
  const found = against.find((one) => isAbout(one, change));
  if (!found) {
    return change;
  }
  const { stands } = found;
  switch (change.change) {
    case "put_title":
      return { ...change, seen: stands?.kind === "title" ? stands.row : null };
    case "put_branch":
      return { ...change, seen: stands?.kind === "branch" ? stands.row : null };
    case "put_policy":
      return { ...change, seen: stands?.kind === "policy" ? stands.row : null };
    case "put_closed_day":
      return { ...change, seen: stands?.kind === "closed_day" ? stands.row : null };
    case "remove_title":
      return stands?.kind === "title" ? { ...change, seen: stands.row } : change;
    case "remove_policy":
      return stands?.kind === "policy" ? { ...change, seen: stands.row } : change;
    case "remove_closed_day":
      return stands?.kind === "closed_day" ? { ...change, seen: stands.row } : change;
    case "repair":
    case "activate":
      // What the sites had is looked at again before either, among the sites.
      return change;
  }
}

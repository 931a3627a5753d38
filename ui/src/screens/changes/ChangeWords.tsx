import { Plural, Trans } from "@lingui/react/macro";
import { Text } from "@mantine/core";
import { changedBy, kindName, rowName } from "../../components/replicated";
import type { CatalogueChange, PendingView } from "../../platform/desk";

/** What a change does, in words. */
export function ChangeWords({ change }: { change: CatalogueChange }) {
  const { wanted, seen } = changedBy(change);
  const row = wanted ?? seen;
  if (row === null) {
    return null;
  }
  return (
    <span>
      {wanted === null ? (
        <Trans>Remove</Trans>
      ) : seen === null ? (
        <Trans>Add</Trans>
      ) : (
        <Trans>Change</Trans>
      )}
      {" · "}
      {kindName(row)}: <b>{rowName(row)}</b>
    </span>
  );
}

/** What an entry of the queue does: its first changes, and how many more. */
export function EntryWords({ entry }: { entry: PendingView }) {
  const more = entry.size - entry.first.length;
  return (
    <>
      {entry.import && (
        <Text c="dimmed" size="sm">
          <Trans>Import: {entry.import.label}</Trans>
        </Text>
      )}
      {entry.first.map((change) => (
        <div key={JSON.stringify(change)}>
          <ChangeWords change={change} />
        </div>
      ))}
      {more > 0 && (
        <Text c="dimmed">
          <Plural value={more} one="and # more" other="and # more" />
        </Text>
      )}
    </>
  );
}

import { Trans, useLingui } from "@lingui/react/macro";
import { Badge, Text } from "@mantine/core";
import { ActionButton } from "../../components/ActionButton";
import { Card } from "../../components/Card";
import { CODE_CHARS_SHOWN, copyName, patronName } from "../../components/names";
import { formatDay, formatTime } from "../../format";
import { useLanguage } from "../../i18n";
import { LOOKS } from "../../outcomes";
import { useSessionStore } from "../../session/context";
import {
  canUndo,
  copyOf,
  deedOf,
  type Entry,
  entryOf,
  mayOverride,
  messagesOf,
  type Session,
} from "../../session/session";
import { SENSE } from "../../theme";
import classes from "./Desk.module.css";
import { Headline } from "./outcomeWords";

/** The scans of this session, latest first, each with what can still be done about it. */
export function Entries({ session }: { session: Session }) {
  const { t } = useLingui();
  return (
    <Card p={0} className={classes.entries}>
      {session.entries.length === 0 ? (
        <Text c="dimmed" ta="center" py="lg">
          <Trans>The scans of this session appear here.</Trans>
        </Text>
      ) : (
        <ol aria-label={t`Scans of this session`} data-testid="scans">
          {session.entries.map((entry) => (
            <EntryRow key={entry.id} entry={entry} session={session} />
          ))}
        </ol>
      )}
    </Card>
  );
}

function EntryRow({ entry, session }: { entry: Entry; session: Session }) {
  const store = useSessionStore();
  const look = LOOKS[entry.outcome];
  const undone = session.entries.some(
    (other) => other.undoes === entry.id && other.outcome === "undone",
  );
  return (
    <li className={classes.entry} data-kind={entry.outcome} data-testid="scan">
      <span className={classes.mark} style={{ background: look.ground, color: look.text }}>
        <look.icon size={22} aria-hidden />
      </span>
      <time>{formatTime(new Date(entry.at_ms))}</time>
      <span className={classes.what}>
        <b>
          <Headline entry={entry} />
        </b>{" "}
        <What
          entry={entry}
          undoneOf={entry.undoes === null ? null : entryOf(session, entry.undoes)}
        />
      </span>
      {undone && (
        <Badge color={SENSE.gone} variant="outline" tt="none">
          <Trans>undone</Trans>
        </Badge>
      )}
      {mayOverride(session, entry) && entry.id !== session.shown && (
        <ActionButton
          size="compact-sm"
          color={SENSE.attention}
          variant="outline"
          onClick={() => store.happened({ kind: "overridden", entry: entry.id, at_ms: Date.now() })}
        >
          <Trans>Do it all the same</Trans>
        </ActionButton>
      )}
      {canUndo(session, entry) && (
        <ActionButton
          size="compact-sm"
          variant="default"
          onClick={() => store.happened({ kind: "undo-asked", entry: entry.id })}
        >
          <Trans>Undo</Trans>
        </ActionButton>
      )}
    </li>
  );
}

function What({ entry, undoneOf }: { entry: Entry; undoneOf: Entry | null }) {
  const { say } = useLanguage();
  const copy = copyOf(entry) ?? (undoneOf && copyOf(undoneOf));
  if (entry.answer?.kind === "patron") {
    const { patron } = entry.answer;
    return (
      <>
        {patronName(patron)} · {patron.code}
      </>
    );
  }
  const done = deedOf(entry);
  const [reason] = messagesOf(entry);
  return (
    <>
      {copy ? `${copyName(copy)} · ${copy.barcode}` : entry.text.slice(0, CODE_CHARS_SHOWN)}
      {done?.kind === "done" && done.loan && (
        <>
          {" · "}
          {done.patron ? patronName(done.patron) : done.loan.patron}
          {(done.deed === "borrow" || done.deed === "renew") && ` · ${formatDay(done.loan.due)}`}
        </>
      )}
      {reason && <span className={classes.reason}> · {say(reason)}</span>}
    </>
  );
}

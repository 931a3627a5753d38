import { Trans, useLingui } from "@lingui/react/macro";
import type { ReactNode } from "react";
import { CODE_CHARS_SHOWN, copyName, patronName } from "../../components/names";
import { formatDay } from "../../format";
import { useLanguage } from "../../i18n";
import { LOOKS } from "../../outcomes";
import type { Answer } from "../../platform/desk";
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
import classes from "./Desk.module.css";
import type { DeskDeed } from "./keys";
import { Headline } from "./outcomeWords";

/** What came of the last scan: legible from a step away, and told apart without its colour. */
export function OutcomePanel(props: { session: Session; onDeed: (deed: DeskDeed) => void }) {
  const { t } = useLingui();
  const { session, onDeed } = props;
  const entry = session.shown === null ? null : entryOf(session, session.shown);
  const asks = entry !== null && session.undoQuestion === entry.id;
  const kind = entry ? (asks ? "question" : entry.outcome) : "waiting";
  const look = LOOKS[kind];
  return (
    <section
      className={classes.outcome}
      style={{ background: look.ground, color: look.text }}
      aria-label={t`Outcome of the last scan`}
      data-testid="outcome"
      data-kind={entry ? kind : "none"}
    >
      {/* The region stays, so that what changes inside is read out. */}
      <div className={classes.told} aria-live="assertive" aria-atomic>
        {entry ? (
          <Told entry={entry} asks={asks} />
        ) : (
          <p className={classes.ready} data-testid="outcome-kind">
            {session.patron ? <Trans>Scan the book</Trans> : <Ready session={session} />}
          </p>
        )}
      </div>
      <div className={classes.deeds}>
        {entry && asks && (
          <>
            <Deed keys="Enter" onClick={() => onDeed("undo")} id="undo-confirm">
              <Trans>Undo it</Trans>
            </Deed>
            <Deed keys="Esc" onClick={() => onDeed("escape")} id="undo-dismiss">
              <Trans>Leave it</Trans>
            </Deed>
          </>
        )}
        {entry && !asks && mayOverride(session, entry) && (
          <Deed keys="F9" onClick={() => onDeed("override")} id="override">
            <OverrideWords entry={entry} />
          </Deed>
        )}
        {entry && !asks && canUndo(session, entry) && (
          <Deed keys="Ctrl+Z" onClick={() => onDeed("undo")} id="undo">
            <Trans>Undo</Trans>
          </Deed>
        )}
      </div>
    </section>
  );
}

function Ready({ session }: { session: Session }) {
  switch (session.mode) {
    case "lend":
      return <Trans>Scan the reader’s card</Trans>;
    case "return":
      return <Trans>Scan the book that comes back</Trans>;
    case "renew":
      return <Trans>Scan the book to renew</Trans>;
  }
}

function OverrideWords({ entry }: { entry: Entry }) {
  switch (entry.mode) {
    case "renew":
      return <Trans>Renew all the same</Trans>;
    case "return":
      return <Trans>Take it back all the same</Trans>;
    case "lend":
      if (entry.answer?.kind === "not_understood") {
        return <Trans>Go on all the same</Trans>;
      }
      return <Trans>Lend all the same</Trans>;
    default:
      return <Trans>Lend all the same</Trans>;
  }
}

function Told({ entry, asks }: { entry: Entry; asks: boolean }) {
  const { say } = useLanguage();
  const look = LOOKS[asks ? "question" : entry.outcome];
  const copy = copyOf(entry);
  const done = deedOf(entry);
  return (
    <>
      <div className={classes.headline}>
        <look.icon size={56} stroke={1.8} aria-hidden />
        <h2 data-testid="outcome-kind">
          {asks ? <Trans>Undo this?</Trans> : <Headline entry={entry} />}
        </h2>
      </div>
      <Line strong>
        {entry.answer?.kind === "patron"
          ? patronName(entry.answer.patron)
          : copy
            ? copyName(copy)
            : entry.text.slice(0, CODE_CHARS_SHOWN)}
      </Line>
      {done?.kind === "done" && <LoanLine answer={done} />}
      {messagesOf(entry).map((message) => (
        <Line key={message.code}>{say(message)}</Line>
      ))}
      {entry.answer?.kind === "patron" && entry.answer.patron.card?.block && (
        <Line>{entry.answer.patron.card.block}</Line>
      )}
      {entry.outcome === "not-taken" && (
        <Line>
          <Trans>Too many scans are waiting for their answer.</Trans>
        </Line>
      )}
    </>
  );
}

/** Whose loan it is and until when; of a return, that it was written with another day. */
function LoanLine({ answer }: { answer: Extract<Answer, { kind: "done" }> }) {
  const { deed, loan, patron } = answer;
  if (!loan) {
    return null;
  }
  const name = patron ? patronName(patron) : loan.patron;
  const due = formatDay(loan.due);
  return (
    <Line>
      {name}
      {(deed === "borrow" || deed === "renew") && (
        <>
          {" · "}
          <Trans>due {due}</Trans>
        </>
      )}
    </Line>
  );
}

function Line({ strong, children }: { strong?: boolean; children: ReactNode }) {
  return <p className={strong ? classes.strong : classes.line}>{children}</p>;
}

function Deed(props: { keys: string; id: string; onClick: () => void; children: ReactNode }) {
  return (
    <button type="button" className={classes.deed} onClick={props.onClick} data-testid={props.id}>
      {props.children}
      <kbd aria-hidden>{props.keys}</kbd>
    </button>
  );
}

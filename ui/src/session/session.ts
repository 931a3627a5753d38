/**
 * What goes on at the desk between a person and their scanner, as a pure state.
 *
 * Everything that a person does, scans and mode changes alike, goes through one line and takes effect
 * in that order, each after the scan before it has been answered: a stack of books scanned faster than
 * the site answers ends as if each scan had waited. Nothing is merged, and what does not fit into the
 * line is shown as not taken.
 */
import type { Answer, CopyView, Message, PatronView, ScanAnswer, ScanMode } from "../platform/desk";

/** Scans that may wait for the one being answered. */
export const LINE_MAX = 64;
/** Scans of this session that are listed; older ones leave the screen. */
export const ENTRIES_MAX = 200;

/** What waits in the line. */
export type Intent =
  | { readonly kind: "scan"; readonly entry: number }
  | { readonly kind: "undo"; readonly entry: number; readonly of: number }
  | { readonly kind: "mode"; readonly mode: ScanMode }
  | { readonly kind: "returned-on"; readonly date: string | null }
  | { readonly kind: "clear-patron" };

/** What is asked of the desk now. */
export type Asking =
  | {
      readonly kind: "scan";
      readonly entry: number;
      readonly text: string;
      readonly mode: ScanMode;
      readonly patron: string | null;
      readonly go_on: boolean;
      readonly returned_on: string | null;
    }
  | { readonly kind: "undo"; readonly entry: number; readonly of: number; readonly event: string };

/** How a scan came out; each has its own colour, icon, words and sound. */
export type OutcomeKind =
  | "waiting"
  | "patron"
  | "done"
  | "queued"
  | "warned"
  | "question"
  | "needs-patron"
  | "not-understood"
  | "refused"
  | "failed"
  | "not-taken"
  | "undone";

/** One scan of this session. */
export interface Entry {
  readonly id: number;
  /** As it came out of the box. */
  readonly text: string;
  /** When, on this computer's clock. */
  readonly at_ms: number;
  /** The refused entry that the librarian overrides with this one; asked as that one was. */
  readonly overrides: number | null;
  /** The mode it was asked in; nothing while it waits. */
  readonly mode: ScanMode | null;
  /** The patron it was asked for. */
  readonly patron: string | null;
  /** The date that a return was given. */
  readonly returned_on: string | null;
  readonly outcome: OutcomeKind;
  readonly answer: ScanAnswer | null;
  /** Of a failed one: why. */
  readonly failure: Message | null;
  /** The entry that this one undoes. */
  readonly undoes: number | null;
}

/** The whole state. */
export interface Session {
  readonly mode: ScanMode;
  readonly patron: PatronView | null;
  /** Returns are dated so until it is cleared. */
  readonly returnedOn: string | null;
  readonly line: readonly Intent[];
  readonly asking: Asking | null;
  /** Latest first. */
  readonly entries: readonly Entry[];
  /** The entry that the outcome panel shows. */
  readonly shown: number | null;
  /** The entry of which the panel asks whether to undo it. */
  readonly undoQuestion: number | null;
  readonly nextEntry: number;
}

/** What can happen. */
export type Happening =
  | { readonly kind: "scanned"; readonly text: string; readonly at_ms: number }
  | { readonly kind: "mode-picked"; readonly mode: ScanMode }
  | { readonly kind: "returned-on-picked"; readonly date: string | null }
  | { readonly kind: "patron-cleared" }
  | { readonly kind: "overridden"; readonly entry: number; readonly at_ms: number }
  | { readonly kind: "undo-asked"; readonly entry: number | null }
  | { readonly kind: "undo-confirmed"; readonly at_ms: number }
  | { readonly kind: "undo-dismissed" }
  | { readonly kind: "answered"; readonly entry: number; readonly answer: ScanAnswer }
  | { readonly kind: "failed"; readonly entry: number; readonly message: Message }
  | { readonly kind: "person-changed" };

/** A session before anything has happened. */
export const BEGIN: Session = {
  mode: "lend",
  patron: null,
  returnedOn: null,
  line: [],
  asking: null,
  entries: [],
  shown: null,
  undoQuestion: null,
  nextEntry: 1,
};

/** The session after something happened. */
export function after(session: Session, what: Happening): Session {
  return proceed(take(session, what));
}

function take(session: Session, what: Happening): Session {
  switch (what.kind) {
    case "scanned":
      return scan(session, newEntry(session, what.text, what.at_ms));
    case "overridden": {
      const refused = entryOf(session, what.entry);
      if (!refused || !mayOverride(session, refused)) {
        return session;
      }
      const { mode, patron, returned_on } = refused;
      const again = newEntry(session, refused.text, what.at_ms);
      return scan(session, { ...again, overrides: refused.id, mode, patron, returned_on });
    }
    case "mode-picked":
      return enqueue(session, { kind: "mode", mode: what.mode });
    case "returned-on-picked":
      return enqueue(session, { kind: "returned-on", date: what.date });
    case "patron-cleared":
      return enqueue(session, { kind: "clear-patron" });
    case "undo-asked": {
      const entry =
        what.entry === null
          ? session.entries.find((candidate) => canUndo(session, candidate))
          : entryOf(session, what.entry);
      return entry && canUndo(session, entry)
        ? { ...session, undoQuestion: entry.id, shown: entry.id }
        : session;
    }
    case "undo-confirmed":
      return undo(session, what.at_ms);
    case "undo-dismissed":
      return { ...session, undoQuestion: null };
    case "answered":
      return answered(session, what.entry, what.answer);
    case "failed":
      return settle(session, what.entry, { outcome: "failed", failure: what.message });
    case "person-changed":
      // The next person sees nothing of this one's readers; what still waits is asked all the same.
      return {
        ...BEGIN,
        line: session.line,
        asking: session.asking,
        entries: session.entries.filter((entry) => entry.outcome === "waiting"),
        nextEntry: session.nextEntry,
      };
  }
}

function newEntry(session: Session, text: string, at_ms: number): Entry {
  return {
    id: session.nextEntry,
    text,
    at_ms,
    overrides: null,
    mode: null,
    patron: null,
    returned_on: null,
    outcome: "waiting",
    answer: null,
    failure: null,
    undoes: null,
  };
}

function scan(session: Session, entry: Entry): Session {
  const unasked = { ...session, undoQuestion: null };
  if (session.line.length >= LINE_MAX) {
    return withEntry(unasked, { ...entry, outcome: "not-taken" });
  }
  return enqueue(withEntry(unasked, entry), { kind: "scan", entry: entry.id });
}

function undo(session: Session, at_ms: number): Session {
  const of = session.undoQuestion === null ? null : entryOf(session, session.undoQuestion);
  const rest = { ...session, undoQuestion: null };
  if (!of || !canUndo(session, of) || session.line.length >= LINE_MAX) {
    return rest;
  }
  const entry = { ...newEntry(session, of.text, at_ms), undoes: of.id };
  return enqueue(withEntry(rest, entry), { kind: "undo", entry: entry.id, of: of.id });
}

function withEntry(session: Session, entry: Entry): Session {
  // What waits must stay listed: the oldest that is answered goes first.
  const entries = [entry, ...session.entries];
  const surplus = entries.length - ENTRIES_MAX;
  const dropped = new Set(
    surplus > 0
      ? entries
          .filter((old) => old.outcome !== "waiting")
          .slice(-surplus)
          .map((old) => old.id)
      : [],
  );
  return {
    ...session,
    entries: entries.filter((kept) => !dropped.has(kept.id)),
    shown: entry.outcome === "not-taken" ? entry.id : session.shown,
    nextEntry: session.nextEntry + 1,
  };
}

function enqueue(session: Session, intent: Intent): Session {
  return { ...session, line: [...session.line, intent] };
}

/** Takes from the line until a scan has to be answered. */
function proceed(session: Session): Session {
  let now = session;
  while (!now.asking) {
    const [intent, ...line] = now.line;
    if (!intent) {
      return now;
    }
    now = begin({ ...now, line }, intent);
  }
  return now;
}

function begin(session: Session, intent: Intent): Session {
  switch (intent.kind) {
    case "mode":
      // A back-dated day belongs to one stack of returns; it must not surprise anyone later.
      return {
        ...session,
        mode: intent.mode,
        returnedOn: intent.mode === "return" ? session.returnedOn : null,
      };
    case "returned-on":
      return { ...session, returnedOn: session.mode === "return" ? intent.date : null };
    case "clear-patron":
      return { ...session, patron: null, shown: null };
    case "scan": {
      const entry = entryOf(session, intent.entry);
      if (!entry) {
        return session;
      }
      const { mode, patron, returned_on } = circumstances(session, entry);
      return {
        ...update(session, entry.id, { mode, patron, returned_on }),
        asking: {
          kind: "scan",
          entry: entry.id,
          text: entry.text,
          mode,
          patron,
          go_on: entry.overrides !== null,
          returned_on,
        },
      };
    }
    case "undo": {
      const event = eventOf(entryOf(session, intent.of));
      return event === null
        ? session
        : { ...session, asking: { kind: "undo", entry: intent.entry, of: intent.of, event } };
    }
  }
}

/** What a scan is asked with: what holds now, or, to override, what held at the refusal. */
function circumstances(session: Session, entry: Entry) {
  if (entry.mode !== null) {
    return { mode: entry.mode, patron: entry.patron, returned_on: entry.returned_on };
  }
  return {
    mode: session.mode,
    patron: session.mode === "lend" ? (session.patron?.code ?? null) : null,
    returned_on: session.mode === "return" ? session.returnedOn : null,
  };
}

function answered(session: Session, id: number, answer: ScanAnswer): Session {
  const undone = session.asking?.kind === "undo" && session.asking.entry === id;
  const settled = settle(session, id, {
    outcome:
      undone && answer.kind === "answer" && answer.answer.kind === "done"
        ? "undone"
        : outcomeOf(answer),
    answer,
  });
  if (answer.kind === "patron") {
    // A card always means that someone wants to borrow.
    return { ...settled, mode: "lend", returnedOn: null, patron: answer.patron };
  }
  const concerned = answer.kind === "answer" ? answer.answer.patron : null;
  const isServed = concerned !== null && concerned.code === settled.patron?.code;
  return isServed ? { ...settled, patron: concerned } : settled;
}

function settle(session: Session, id: number, what: Partial<Entry>): Session {
  if (session.asking?.entry !== id) {
    return session;
  }
  return { ...update(session, id, what), asking: null, shown: id };
}

function update(session: Session, id: number, what: Partial<Entry>): Session {
  return {
    ...session,
    entries: session.entries.map((entry) => (entry.id === id ? { ...entry, ...what } : entry)),
  };
}

/** The kind of outcome that an answer is. */
export function outcomeOf(answer: ScanAnswer): OutcomeKind {
  switch (answer.kind) {
    case "patron":
      return answer.patron.warnings.length > 0 ? "warned" : "patron";
    case "answer":
      return outcomeOfDeed(answer.answer);
    case "needs_patron":
      return "needs-patron";
    case "not_understood":
      return "not-understood";
  }
}

function outcomeOfDeed(answer: Answer): OutcomeKind {
  if (answer.kind === "refused") {
    return answer.can_override ? "question" : "refused";
  }
  if (answer.warnings.length > 0) {
    return "warned";
  }
  return answer.queued ? "queued" : "done";
}

/** An entry by its number. */
export function entryOf(session: Session, id: number): Entry | null {
  return session.entries.find((entry) => entry.id === id) ?? null;
}

/** How an entry's operation ended, if it was one. */
export function deedOf(entry: Entry | null): Answer | null {
  return entry?.answer?.kind === "answer" ? entry.answer.answer : null;
}

/** The event that an entry made, if it made one. */
export function eventOf(entry: Entry | null): string | null {
  const answer = deedOf(entry);
  return answer?.kind === "done" ? answer.event : null;
}

/** Whether a librarian may go on with what this entry was refused. */
export function mayOverride(session: Session, entry: Entry): boolean {
  const isOffered =
    entry.outcome === "question" ||
    (entry.answer?.kind === "not_understood" && entry.answer.can_override);
  return isOffered && !session.entries.some((other) => other.overrides === entry.id);
}

/** Whether an entry can be undone: it did something, and it has not been undone. */
export function canUndo(session: Session, entry: Entry): boolean {
  return (
    eventOf(entry) !== null &&
    entry.undoes === null &&
    !session.entries.some(
      (other) =>
        other.undoes === entry.id && (other.outcome === "undone" || other.outcome === "waiting"),
    )
  );
}

/** The copy that an entry was about, as far as the answer says. */
export function copyOf(entry: Entry): CopyView | null {
  if (entry.answer?.kind === "needs_patron") {
    return entry.answer.copy;
  }
  return deedOf(entry)?.copy ?? null;
}

/** Whose books the screen shows: who is being served, or, when books come back, whose they were. */
export function patronShown(session: Session): PatronView | null {
  if (session.mode === "lend") {
    return session.patron;
  }
  return deedOf(session.shown === null ? null : entryOf(session, session.shown))?.patron ?? null;
}

/** The sentences that an entry's answer says, in their order. */
export function messagesOf(entry: Entry): readonly Message[] {
  if (entry.failure) {
    return [entry.failure];
  }
  switch (entry.answer?.kind) {
    case "patron":
      return entry.answer.patron.warnings;
    case "needs_patron":
    case "not_understood":
      return [entry.answer.message];
    case "answer": {
      const { answer } = entry.answer;
      return answer.kind === "done" ? answer.warnings : answer.reasons;
    }
    default:
      return [];
  }
}

/** How many scans are waiting, the one being answered among them. */
export function waitingCount(session: Session): number {
  return session.entries.filter((entry) => entry.outcome === "waiting").length;
}

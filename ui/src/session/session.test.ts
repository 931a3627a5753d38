import { describe, expect, it } from "vitest";
import type { Answer, PatronView, ScanAnswer } from "../platform/desk";
import {
  type Asking,
  BEGIN,
  canUndo,
  ENTRIES_MAX,
  entryOf,
  type Happening,
  LINE_MAX,
  mayOverride,
  patronShown,
  type Session,
  after as then,
  waitingCount,
} from "./session";

function patron(code: string): PatronView {
  return { code, card: null, loans: [], loans_max: null, warnings: [] };
}

function card(code: string): ScanAnswer {
  return { kind: "patron", patron: patron(code) };
}

const NO = { code: "has_overdue", vi: "không", en: "no" };

function done(barcode: string, more: Partial<Extract<Answer, { kind: "done" }>> = {}): ScanAnswer {
  const copy = { barcode, copy: null, title: null };
  return {
    kind: "answer",
    answer: {
      kind: "done",
      deed: "borrow",
      event: `event of ${barcode}`,
      queued: false,
      copy,
      loan: null,
      patron: null,
      warnings: [],
      ...more,
    },
  };
}

function refused(barcode: string, can_override: boolean): ScanAnswer {
  const copy = { barcode, copy: null, title: null };
  const rest = { can_override, offline: false, copy, patron: null };
  return { kind: "answer", answer: { kind: "refused", reasons: [NO], ...rest } };
}

function scanned(text: string): Happening {
  return { kind: "scanned", text, at_ms: 0 };
}

function play(session: Session, ...happenings: Happening[]): Session {
  return happenings.reduce(then, session);
}

/** Answers what is being asked. */
function answer(session: Session, what: ScanAnswer): Session {
  return then(session, { kind: "answered", entry: session.asking?.entry ?? -1, answer: what });
}

/** The scan that is being asked, and nothing else. */
function asked(session: Session): Extract<Asking, { kind: "scan" }> {
  if (session.asking?.kind !== "scan") {
    throw new Error("no scan is being asked");
  }
  return session.asking;
}

/** Pseudo-random numbers below `bound`; the seed is printed with whatever fails. */
function random(seed: number) {
  let state = seed;
  return (bound: number) => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return state % bound;
  };
}

describe("the line of scans", () => {
  it("asks each exactly once, in order, unmerged, whatever happens in between", () => {
    for (let seed = 1; seed <= 200; seed += 1) {
      const next = random(seed);
      let session = BEGIN;
      const put: string[] = [];
      const seen: string[] = [];
      const note = (before: Session) => {
        if (session.asking?.kind === "scan" && session.asking !== before.asking) {
          seen.push(session.asking.text);
        }
      };
      for (let step = 0; step < 120 || session.asking; step += 1) {
        const before = session;
        const roll = step < 120 ? next(7) : 6;
        if (roll <= 2 && session.line.length < LINE_MAX) {
          put.push(`Q${step}`);
          session = then(session, scanned(`Q${step}`));
        } else if (roll === 3) {
          const mode = (["lend", "return", "renew"] as const)[next(3)] ?? "lend";
          session = then(session, { kind: "mode-picked", mode });
        } else if (roll === 4) {
          session = then(session, { kind: "patron-cleared" });
        } else if (roll === 5) {
          session = then(session, { kind: "person-changed" });
        } else {
          session = answer(session, next(2) ? card("DG1") : done("Q"));
        }
        note(before);
      }
      expect(seen, `seed ${seed}`).toEqual(put);
    }
  });

  it("lends a book scanned right behind a card to that card", () => {
    const busy = play(BEGIN, scanned("DG1"), scanned("Q1"), scanned("DG2"), scanned("Q2"));
    expect(busy.line).toHaveLength(3);
    const first = answer(busy, card("DG1"));
    expect(asked(first)).toMatchObject({ text: "Q1", mode: "lend", patron: "DG1" });
    const second = answer(answer(first, done("Q1")), card("DG2"));
    expect(asked(second)).toMatchObject({ text: "Q2", patron: "DG2" });
  });

  it("changes the mode after what was scanned before, and before what is scanned after", () => {
    const busy = play(BEGIN, scanned("Q1"), { kind: "mode-picked", mode: "return" }, scanned("Q2"));
    expect(asked(busy).mode).toBe("lend");
    expect(asked(answer(busy, done("Q1"))).mode).toBe("return");
  });

  it("is bounded, and shows what it did not take", () => {
    let session = then(BEGIN, scanned("first"));
    for (let scan = 0; scan < LINE_MAX; scan += 1) {
      session = then(session, scanned(`Q${scan}`));
    }
    const full = then(session, scanned("one too many"));
    expect(full.line).toEqual(session.line);
    expect(full.entries[0]).toMatchObject({ text: "one too many", outcome: "not-taken" });
    expect(full.shown).toBe(full.entries[0]?.id);
    expect(waitingCount(full)).toBe(LINE_MAX + 1);
  });

  it("goes on after a scan that failed", () => {
    const busy = play(BEGIN, scanned("Q1"), scanned("Q2"));
    const failed = then(busy, { kind: "failed", entry: asked(busy).entry, message: NO });
    expect(entryOf(failed, asked(busy).entry)).toMatchObject({ outcome: "failed", failure: NO });
    expect(asked(failed).text).toBe("Q2");
  });

  it("ignores an answer to what is not being asked", () => {
    const busy = then(BEGIN, scanned("Q1"));
    const stray: Happening = { kind: "answered", entry: 99, answer: done("Q9") };
    expect(then(busy, stray)).toEqual(busy);
  });
});

describe("the list of scans", () => {
  it("is bounded, and never drops one that waits", () => {
    let session = BEGIN;
    for (let scan = 0; scan < ENTRIES_MAX + 50; scan += 1) {
      session = answer(then(session, scanned(`Q${scan}`)), done(`Q${scan}`));
    }
    expect(session.entries).toHaveLength(ENTRIES_MAX);
    const busy = play(session, scanned("A"), scanned("B"));
    expect(waitingCount(busy)).toBe(2);
  });
});

describe("a card", () => {
  it("switches to lending for that reader, and forgets a back-dated day", () => {
    const returning = play(
      BEGIN,
      { kind: "mode-picked", mode: "return" },
      { kind: "returned-on-picked", date: "2026-11-20" },
      scanned("DG1"),
    );
    expect(asked(returning).returned_on).toBe("2026-11-20");
    const lending = answer(returning, card("DG1"));
    expect(lending).toMatchObject({ mode: "lend", returnedOn: null, patron: { code: "DG1" } });
  });

  it("stays the reader until Escape, and their books are kept current", () => {
    const served = answer(then(BEGIN, scanned("DG1")), card("DG1"));
    const current = { ...patron("DG1"), loans_max: 3 };
    const lent = answer(then(served, scanned("Q1")), done("Q1", { patron: current }));
    expect(lent.patron).toBe(current);
    expect(then(lent, { kind: "patron-cleared" }).patron).toBeNull();
  });

  it("is not shown beside a book that someone else brings back", () => {
    const served = answer(then(BEGIN, scanned("DG1")), card("DG1"));
    const returning = play(served, { kind: "mode-picked", mode: "return" }, scanned("Q1"));
    const back = answer(returning, done("Q1", { deed: "return", patron: patron("DG7") }));
    expect(patronShown(back)?.code).toBe("DG7");
    expect(patronShown(then(back, { kind: "mode-picked", mode: "lend" }))?.code).toBe("DG1");
  });
});

describe("going on with what was refused", () => {
  const served = answer(then(BEGIN, scanned("DG1")), card("DG1"));
  const question = answer(then(served, scanned("Q1")), refused("Q1", true));
  const entry = question.entries[0]?.id ?? 0;

  it("asks again as it was asked, even when mode and reader have changed since", () => {
    const later = play(
      question,
      { kind: "patron-cleared" },
      { kind: "mode-picked", mode: "return" },
      { kind: "overridden", entry, at_ms: 0 },
    );
    expect(asked(later)).toMatchObject({ text: "Q1", mode: "lend", patron: "DG1", go_on: true });
  });

  it("is offered once", () => {
    const again = then(question, { kind: "overridden", entry, at_ms: 0 });
    expect(then(again, { kind: "overridden", entry, at_ms: 0 })).toEqual(again);
  });

  it("is not offered where the desk does not let it", () => {
    const no = answer(then(served, scanned("Q1")), refused("Q1", false));
    const last = no.entries[0];
    expect(last && mayOverride(no, last)).toBe(false);
  });

  it("is offered for a code that the desk does not know yet", () => {
    const unknown: ScanAnswer = { kind: "not_understood", message: NO, can_override: true };
    const session = answer(then(served, scanned("Q9")), unknown);
    const last = session.entries[0];
    expect(last && mayOverride(session, last)).toBe(true);
  });
});

describe("undoing", () => {
  const lent = answer(then(BEGIN, scanned("Q1")), done("Q1"));

  it("asks first, about the last scan that did something", () => {
    const more = answer(then(lent, scanned("Q2")), refused("Q2", false));
    const question = then(more, { kind: "undo-asked", entry: null });
    expect(question.undoQuestion).toBe(lent.entries[0]?.id);
    expect(question.asking).toBeNull();
    const confirmed = then(question, { kind: "undo-confirmed", at_ms: 0 });
    expect(confirmed.asking).toMatchObject({ kind: "undo", event: "event of Q1" });
  });

  it("is dropped by the next scan: a scanner's Enter confirms nothing", () => {
    const question = then(lent, { kind: "undo-asked", entry: null });
    expect(then(question, scanned("Q2")).undoQuestion).toBeNull();
  });

  it("can be done once", () => {
    const undoing = play(
      lent,
      { kind: "undo-asked", entry: null },
      { kind: "undo-confirmed", at_ms: 0 },
    );
    const undone = answer(undoing, done("Q1", { deed: "undo", event: "undo" }));
    expect(undone.entries.map((entry) => entry.outcome)).toEqual(["undone", "done"]);
    expect(undone.entries.some((entry) => canUndo(undone, entry))).toBe(false);
  });
});

describe("the next person", () => {
  it("sees nothing of the last one's readers, and loses none of the scans that wait", () => {
    const served = answer(then(BEGIN, scanned("DG1")), card("DG1"));
    const busy = play(served, scanned("Q1"), scanned("Q2"), { kind: "person-changed" });
    expect(busy.patron).toBeNull();
    expect(busy.entries.map((entry) => entry.text)).toEqual(["Q2", "Q1"]);
    expect(asked(answer(busy, done("Q1"))).text).toBe("Q2");
  });
});

describe("how an answer is told", () => {
  it.each([
    ["done", done("Q1")],
    ["queued", done("Q1", { queued: true })],
    ["warned", done("Q1", { queued: true, warnings: [NO] })],
    ["question", refused("Q1", true)],
    ["refused", refused("Q1", false)],
    ["patron", card("DG1")],
    ["warned", { kind: "patron", patron: { ...patron("DG1"), warnings: [NO] } } as ScanAnswer],
  ])("as %s", (outcome, what) => {
    expect(answer(then(BEGIN, scanned("x")), what).entries[0]?.outcome).toBe(outcome);
  });
});

/**
 * Questions to all sites of the fake network: this desk's own branch, another one that has a few copies of
 * everything, and a third that never answers.
 */
import { dayOf } from "../../format";
import type {
  Absent,
  BranchFigures,
  Coverage,
  Desk,
  Holding,
  PatronCard,
  StepFigures,
  TitleAt,
} from "../desk";
import type { FakeWorld } from "./world";

type FederationCommands = Pick<
  Desk,
  | "whereIsTitle"
  | "whereIsCopy"
  | "findPatronAnywhere"
  | "patronHistory"
  | "statistics"
  | "mostLentTitles"
  | "siteStates"
>;

/** The other branch that answers. */
export const FAKE_OTHER = "Q3";
/** The branch that does not. */
export const FAKE_DEAD = "TD";
const AGAIN_IN_MS = 12_000;

const ABSENT: Absent = {
  branch: FAKE_DEAD,
  why: {
    code: "site_resting",
    vi: "Chi nhánh này vừa không trả lời nên tạm chưa được hỏi. Hỏi lại sau 12 giây.",
    en: "This site did not answer lately, so it was not asked. Ask again in 12 s.",
  },
  again_in_ms: AGAIN_IN_MS,
};

export function fakeFederation(world: FakeWorld): FederationCommands {
  const own = () => world.view.desk.enrolment?.branch ?? "Q1";
  const coverage = (): Coverage => ({ present: [own(), FAKE_OTHER], absent: [ABSENT] });
  const missing = { branch: FAKE_DEAD, after_ms: 0, answer: null, absent: ABSENT };
  const part = <T>(branch: string, after_ms: number, answer: T) => ({
    branch,
    after_ms,
    answer,
    absent: null,
  });

  const holding = (key: string, copies: number, free: number, on_loan: number): Holding => ({
    title: key,
    copies,
    free,
    on_loan,
    in_transit: 0,
    unusable: copies - free - on_loan,
  });
  const ownHolding = (key: string): Holding => {
    const copies = world.copies.filter((copy) => copy.title === key);
    const all = (state: string) => copies.filter((copy) => copy.state === state).length;
    return holding(key, copies.length, all("free"), all("on_loan"));
  };
  const card = (branch: string, code: string, name: string): PatronCard => ({
    code,
    name,
    branch,
    category: "STUDENT",
    card_expires: null,
    block: null,
    home_branch: null,
    home_code: null,
  });
  const figuresOf = (branch: string, scale: number): BranchFigures => ({
    branch,
    copies: 40 * scale,
    on_loan: 6 * scale,
    overdue: scale,
    patrons: 25 * scale,
    visitors: 0,
    loans: 30 * scale,
    returns: 27 * scale,
    new_patrons: 2 * scale,
  });

  return {
    whereIsTitle: async (key, parts) => {
      const at = (branch: string, after_ms: number, held: Holding | null): TitleAt => ({
        branch,
        after_ms,
        holding: held,
        absent: held ? null : ABSENT,
        known: null,
      });
      const mine = ownHolding(key);
      const theirs = holding(key, 3, 2, 1);
      const branches = [at(own(), 4, mine), at(FAKE_OTHER, 21, theirs), at(FAKE_DEAD, 0, null)];
      branches.forEach(parts);
      return {
        title: world.titles.find((title) => title.key === key) ?? null,
        total: holding(
          key,
          mine.copies + theirs.copies,
          mine.free + theirs.free,
          mine.on_loan + theirs.on_loan,
        ),
        branches,
        coverage: coverage(),
      };
    },
    whereIsCopy: async (barcode, parts) => {
      const found = world.copies.find((copy) => copy.barcode === barcode);
      const title = world.titles.find((known) => known.key === found?.title);
      const place =
        found && title
          ? {
              copy: {
                barcode,
                title: title.key,
                branch: own(),
                condition: "good" as const,
                state: found.state,
                forwarded_to: null,
                shelf_mark: found.shelf_mark,
                price_vnd: found.price_vnd,
              },
              title,
              hops: 0,
              held_by: null,
              coming_from: null,
              loan: null,
              holder: null,
            }
          : null;
      parts(part(own(), 4, { place }));
      parts(part(FAKE_OTHER, 21, { place: null }));
      parts(missing);
      return {
        whereabouts: place ? { kind: "at", branch: own() } : { kind: "unknown" },
        places: place ? [place] : [],
        coverage: coverage(),
      };
    },
    findPatronAnywhere: async (text, parts) => {
      const wanted = text.trim().toLowerCase();
      const mine = world.patrons.filter(
        (patron) =>
          patron.name.toLowerCase().includes(wanted) || patron.code.toLowerCase() === wanted,
      );
      const theirs = [card(FAKE_OTHER, "DG0301", "Trần Hoài An")].filter((known) =>
        known.name.toLowerCase().includes(wanted),
      );
      parts(part(own(), 4, { cards: mine }));
      parts(part(FAKE_OTHER, 21, { cards: theirs }));
      parts(missing);
      return { found: { cards: [...mine, ...theirs], cut: [] }, coverage: coverage() };
    },
    patronHistory: async (patron, _behind, parts) => {
      const cards = world.patrons.filter((known) => known.code === patron.code);
      const loans = world.loans
        .filter((loan) => patron.branch === own() && loan.patron === patron.code)
        .map((loan) => ({
          loan: {
            ...loan,
            branch: own(),
            ending: loan.ended_at ? ("returned" as const) : null,
            returned_on: loan.ended_at ? dayOf(new Date(loan.ended_at)) : null,
          },
          title:
            world.titles.find(
              (title) =>
                title.key === world.copies.find((copy) => copy.barcode === loan.copy)?.title,
            )?.name ?? "",
        }))
        .sort((one, other) => other.loan.borrowed_at.localeCompare(one.loan.borrowed_at));
      parts(part(own(), 4, { cards, loans: loans.length }));
      parts(part(FAKE_OTHER, 21, { cards: [], loans: 0 }));
      parts(missing);
      return { history: { cards, loans, behind: null }, coverage: coverage() };
    },
    statistics: async (from, to, step, parts) => {
      const branches = [figuresOf(own(), 1), figuresOf(FAKE_OTHER, 2)];
      for (const figures of branches) {
        parts(part(figures.branch, 30, figures));
      }
      parts(missing);
      const steps: StepFigures[] = [
        { from, loans: 42, returns: 38, new_patrons: 3 },
        { from: to, loans: 48, returns: 43, new_patrons: 3 },
      ];
      return {
        from,
        to,
        step,
        figures: {
          branches,
          steps,
          classes: [
            { class: 8, titles: 30, copies: 100, free: 82, on_loan: 16, loans: 80 },
            { class: null, titles: 8, copies: 20, free: 18, on_loan: 2, loans: 10 },
          ],
        },
        coverage: coverage(),
      };
    },
    mostLentTitles: async (_from, _to, best) => ({
      titles: world.titles.slice(0, best).map((title, place) => ({
        key: title.key,
        title,
        loans: Math.max(1, 20 - 2 * place),
      })),
      coverage: coverage(),
    }),
    siteStates: async (parts) => {
      const names = new Map(world.view.branches.map((branch) => [branch.code, branch.name]));
      const states = [own(), FAKE_OTHER, FAKE_DEAD].map((branch) => {
        const dead = branch === FAKE_DEAD;
        return {
          branch,
          name: names.get(branch) ?? branch,
          standing: "active" as const,
          after_ms: dead ? null : 12,
          said: dead ? null : { is_quarantined: false, membership: 1 },
          is_behind: false,
          absent: dead ? ABSENT : null,
          breaker: dead
            ? ({ kind: "open", again_in_ms: AGAIN_IN_MS } as const)
            : ({ kind: "closed", failures: 0 } as const),
        };
      });
      states.forEach(parts);
      return states;
    },
  };
}

/** What the other sites of the fake network answer; one whose line is cut rests. */
import type {
  BranchFigures,
  ClassFigures,
  Coverage,
  Desk,
  Figures,
  Holding,
  Message,
  Part,
  SiteView,
  Step,
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

const RESTING: Message = {
  code: "site_resting",
  vi: "Chi nhánh này vừa không trả lời nên tạm chưa được hỏi. Hỏi lại sau 5 giây.",
  en: "This site did not answer lately, so it was not asked. Ask again in 5 s.",
};
const AGAIN_MS = 5_000;
const HOME = "Q1";

export function fakeFederation(world: FakeWorld): FederationCommands {
  const branches = () => world.view.branches.map(({ code }) => code);
  const isCut = (branch: string) =>
    world.view.demo?.some((site) => site.branch === branch && site.cut) ?? false;
  /** Asks each site; one after the other, as if each took longer than the one before. */
  const ask = async <T>(
    answer: (branch: string, index: number) => T,
    hear: (part: Part<T>) => void = () => undefined,
  ) => {
    const heard: Part<T>[] = [];
    for (const [index, branch] of branches().entries()) {
      await world.turn?.();
      const absent = isCut(branch) ? { branch, why: RESTING, again_in_ms: AGAIN_MS } : null;
      const said = absent ? null : answer(branch, index);
      const part = { branch, after_ms: 4 + index * 9, answer: said, absent };
      heard.push(part);
      hear(part);
    }
    const coverage: Coverage = {
      present: heard.filter(({ absent }) => !absent).map(({ branch }) => branch),
      absent: heard.flatMap(({ absent }) => absent ?? []),
    };
    return { coverage, heard, said: heard.flatMap((part) => part.answer ?? []) };
  };
  const holding = (title: string, index: number): Holding => {
    const here = world.copies.filter((copy) => copy.title === title);
    const count = (state: string) => here.filter((copy) => copy.state === state).length;
    const some = (title.length * 7 + index * 5) % 6;
    return index === 0
      ? {
          title,
          copies: here.length,
          free: count("free"),
          on_loan: count("on_loan"),
          in_transit: count("in_transit"),
          unusable: count("lost"),
        }
      : { title, copies: some + 2, free: some, on_loan: 1, in_transit: 0, unusable: 1 };
  };

  return {
    whereIsTitle: async (key, hear) => {
      const at = ({ branch, after_ms, answer, absent }: Part<Holding>) => ({
        branch,
        after_ms,
        holding: answer,
        absent,
        known:
          branch === HOME && absent
            ? { copies: 2, free: 1, as_of: world.view.desk.knowledge.as_of }
            : null,
      });
      const { coverage, heard, said } = await ask(
        (_, index) => holding(key, index),
        (part) => hear(at(part)),
      );
      const sum = (of: Exclude<keyof Holding, "title">) => add(said.map((held) => held[of]));
      return {
        title: world.titles.find((title) => title.key === key) ?? null,
        total: {
          title: key,
          copies: sum("copies"),
          free: sum("free"),
          on_loan: sum("on_loan"),
          in_transit: sum("in_transit"),
          unusable: sum("unusable"),
        },
        branches: heard.map(at),
        coverage,
      };
    },
    whereIsCopy: async (barcode, hear) => {
      const copy = world.copies.find((candidate) => candidate.barcode === barcode);
      const title = world.titles.find((candidate) => candidate.key === copy?.title);
      const loan = world.loans.find((candidate) => candidate.copy === barcode);
      const holder = world.patrons.find((candidate) => candidate.code === loan?.patron) ?? null;
      const { coverage, said } = await ask((branch) => {
        if (!copy || !title || branch !== HOME) {
          return { place: null };
        }
        const { state } = copy;
        const condition = state === "free" || state === "on_loan" ? "good" : state;
        const place = {
          copy: { ...copy, branch, condition, forwarded_to: null },
          title,
          hops: 0,
          held_by: null,
          coming_from: null,
          loan: loan ? { ...loan, branch, ending: null, returned_on: null } : null,
          holder,
        } as const;
        return { place };
      }, hear);
      const places = said.flatMap(({ place }) => place ?? []);
      return {
        coverage,
        places,
        whereabouts: places.length > 0 ? { kind: "at", branch: HOME } : { kind: "unknown" },
      };
    },
    findPatronAnywhere: async (text, hear) => {
      const found = world.patrons.filter(({ name, code }) =>
        `${name} ${code}`.toLowerCase().includes(text.toLowerCase()),
      );
      const { coverage, said } = await ask(
        (branch) => ({ cards: branch === HOME ? found : [] }),
        hear,
      );
      return { coverage, found: { cards: said.flatMap(({ cards }) => cards), cut: [] } };
    },
    patronHistory: async (patron, _behind, hear) => {
      const own = world.patrons.find(({ code }) => code === patron.code);
      const loans = world.loans
        .filter((loan) => loan.patron === patron.code)
        .map((loan) => ({
          loan: { ...loan, branch: HOME, ending: null, returned_on: null },
          title: world.titles[0]?.name ?? "",
        }));
      const { coverage } = await ask(
        (branch) =>
          branch === HOME && own ? { cards: [own], loans: loans.length } : { cards: [], loans: 0 },
        hear,
      );
      return { coverage, history: { cards: own ? [own] : [], loans, behind: null } };
    },
    statistics: async (from, to, step, hear) => {
      const days = stepsBetween(from, to, step);
      const { coverage, said } = await ask(ofBranch, hear);
      const sites = said.length;
      const figures: Figures = {
        branches: said,
        steps: days.map((day, nth) => ({
          from: day,
          loans: sites * (20 + ((nth * 7) % 17)),
          returns: sites * (16 + ((nth * 5) % 19)),
          new_patrons: sites * (nth % 4),
        })),
        classes: CLASSES.map((digit, nth) => ofClass(digit, nth, sites)),
      };
      return { from, to, step, figures, coverage };
    },
    siteStates: async (hear) => {
      const state = ({ branch, after_ms, absent }: Part<null>): SiteView => ({
        branch,
        name: world.view.branches.find(({ code }) => code === branch)?.name ?? branch,
        standing: world.rules.branches.find(({ code }) => code === branch)?.standing ?? null,
        after_ms: absent ? null : after_ms,
        said: absent ? null : { is_quarantined: branch === "Q5", membership: 3 },
        is_behind: false,
        absent,
        breaker: absent ? { kind: "open", again_in_ms: AGAIN_MS } : { kind: "closed", failures: 0 },
      });
      const { heard } = await ask(
        () => null,
        (part) => hear(state(part)),
      );
      return heard.map(state);
    },
    mostLentTitles: async (_from, _to, best) => {
      const { coverage } = await ask(() => null);
      const titles = world.titles
        .slice(0, best)
        .map((title, nth) => ({ key: title.key, title, loans: 61 - nth * 5 }));
      return { coverage, titles };
    },
  };
}

function add(numbers: readonly number[]): number {
  return numbers.reduce((sum, number) => sum + number, 0);
}

function ofBranch(branch: string, index: number): BranchFigures {
  return {
    branch,
    copies: 4_890 - index * 640,
    on_loan: 210 - index * 40,
    overdue: 17 + index * 6,
    patrons: 1_480 - index * 210,
    visitors: 12 + index,
    loans: 780 - index * 90,
    returns: 742 - index * 70,
    new_patrons: 41 - index * 6,
  };
}

function ofClass(digit: number | null, nth: number, sites: number): ClassFigures {
  return {
    class: digit,
    titles: sites * (120 + nth * 30),
    copies: sites * (340 + nth * 130),
    free: sites * (250 + nth * 90),
    on_loan: sites * (40 + nth * 12),
    loans: sites * (90 + nth * 44),
  };
}

const CLASSES = [0, 1, 3, 5, 8, 9, null] as const;

function stepsBetween(from: string, to: string, step: Step): string[] {
  const steps: string[] = [];
  const at = new Date(`${step === "month" ? `${from.slice(0, 7)}-01` : from}T00:00:00Z`);
  while (at.toISOString().slice(0, 10) <= to) {
    steps.push(at.toISOString().slice(0, 10));
    if (step === "month") {
      at.setUTCMonth(at.getUTCMonth() + 1);
    } else {
      at.setUTCDate(at.getUTCDate() + (step === "week" ? 7 : 1));
    }
  }
  return steps;
}

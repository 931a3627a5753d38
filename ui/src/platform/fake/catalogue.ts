/** What every site of the fake network holds, and the changes of it; they wait while a line is cut. */
import type { CatalogueChange, ChangeCounts, Desk, Message, PendingView } from "../desk";
import type { FakeWorld } from "./world";

type CatalogueCommands = Pick<
  Desk,
  | "branchesList"
  | "policiesList"
  | "closedDaysList"
  | "catalogueChange"
  | "changesPending"
  | "changeGet"
  | "catalogueRows"
  | "changeWithdraw"
  | "changeRetry"
  | "titlesImport"
  | "importProgress"
>;

const REFUSED: Message = {
  code: "changed_meanwhile",
  vi: "Mục này đã được người khác sửa. So sánh rồi quyết định.",
  en: "Somebody else has changed it meanwhile. Compare, then decide.",
};

const UNUSABLE: Message = {
  code: "title_unusable",
  vi: "Biểu ghi không có nhan đề.",
  en: "The record has no title.",
};

export function fakeCatalogue(world: FakeWorld): CatalogueCommands {
  const away = () => world.view.demo?.find((site) => site.cut)?.branch ?? null;
  const waitsFor = (branch: string): Message => ({
    code: "change_waits_site",
    vi: `Đang chờ chi nhánh ${branch}: không liên lạc được.`,
    en: `It waits for the site of ${branch}: it cannot be reached.`,
  });
  const apply = (change: CatalogueChange) => {
    if (change.change === "put_title") {
      const others = world.titles.filter(({ key }) => key !== change.title.key);
      world.titles = [...others, change.title];
    } else if (change.change === "remove_title") {
      world.titles = world.titles.filter(({ key }) => key !== change.seen.key);
    } else if (change.change === "put_closed_day") {
      const { closed } = change;
      const others = world.rules.days.filter(({ date }) => date !== closed.date);
      world.rules.days = [...others, closed];
    } else if (change.change === "put_branch") {
      const { branch } = change;
      const others = world.rules.branches.filter(({ code }) => code !== branch.code);
      world.rules.branches = [...others, branch];
    }
  };
  const goOn = (entry: PendingView): PendingView => {
    const branch = away();
    const [first] = entry.first;
    const stands =
      first?.change === "put_title"
        ? (world.titles.find(({ key }) => key === first.title.key) ?? null)
        : null;
    const isStale =
      first?.change === "put_title" && JSON.stringify(stands) !== JSON.stringify(first.seen);
    if (isStale) {
      entry.state = "refused";
      entry.against = [
        {
          branch: "Q1",
          resource: { kind: "title", key: first.title.key },
          message: REFUSED,
          stands: stands && { kind: "title", row: stands },
        },
      ];
      entry.message = REFUSED;
    } else if (branch) {
      entry.state = "waiting";
      entry.message = waitsFor(branch);
    } else {
      entry.first.forEach(apply);
      entry.state = "done";
      entry.message = null;
    }
    return { ...entry };
  };
  const find = (id: string) => {
    const entry = world.changes.find((candidate) => candidate.id === id);
    if (!entry) {
      throw new Error(`no change ${id}`);
    }
    return entry;
  };

  const counts = (): ChangeCounts => {
    const count = (state: string) => world.changes.filter((entry) => entry.state === state).length;
    return {
      waiting: count("waiting"),
      changes_waiting: count("waiting"),
      changes_done: count("done"),
      refused: count("refused"),
      changes_refused: count("refused"),
      changes_withdrawn: count("withdrawn"),
    };
  };

  return {
    branchesList: async () => ({ at: "Q1", branches: [...world.rules.branches] }),
    policiesList: async () => ({ policies: [...world.rules.policies] }),
    closedDaysList: async () => ({ days: [...world.rules.days] }),
    titlesImport: async (file, differing, onlyCompare) => ({
      import: onlyCompare ? null : { id: "0190-import", label: file },
      titles: 1_204,
      unusable: 1,
      examples: [{ record: 17, message: UNUSABLE }],
      new: 1_180,
      same: 20,
      differing: 3,
      replaced: differing === "replace" ? 3 : 0,
      differing_titles: world.titles
        .slice(0, 3)
        .map((stands) => ({ stands, becomes: { ...stands, publisher: "NXB Thế giới" } })),
      counts: counts(),
    }),
    importProgress: async () => ({ ...counts(), changes_done: 1_180 }),
    catalogueChange: async (changes) => {
      const entry: PendingView = {
        id: `0190-c${world.changes.length}`,
        made_by: world.view.desk.person?.login ?? "",
        made_at: new Date().toISOString(),
        import: null,
        size: changes.length,
        first: changes,
        state: "done",
        message: null,
        against: [],
        behind: null,
        is_withdrawing: false,
        tries: 0,
        retry_at: null,
        ended_at: null,
      };
      world.changes.unshift(entry);
      return goOn(entry);
    },
    changesPending: async (filter, skip) => ({
      changes: world.changes
        .filter((entry) => filter === "all" || entry.state === filter)
        .slice(skip, skip + 100),
      counts: counts(),
    }),
    changeGet: async (id) => ({ ...find(id) }),
    catalogueRows: async (of) =>
      world.titles
        .filter(({ key }) => of.some((one) => one.kind === "title" && one.key === key))
        .map((row) => ({ kind: "title", row })),
    changeWithdraw: async (id) => {
      const entry = find(id);
      entry.state = "withdrawn";
      return { ...entry };
    },
    changeRetry: async (id) => goOn(find(id)),
  };
}

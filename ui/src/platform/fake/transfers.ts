/** The transfers of the fake desk: books of the home branch that go to another one, and those that come. */
import {
  type Desk,
  DeskError,
  type Message,
  type OrderCounts,
  type PickLine,
  type SiteStep,
  type TransferProgress,
  type TransferView,
} from "../desk";
import type { FakeCopy, FakeWorld } from "./world";

type TransferCommands = Pick<
  Desk,
  | "transferCompose"
  | "transferBegin"
  | "transferResume"
  | "transferGiveUp"
  | "transferList"
  | "transferGet"
  | "transferPickList"
  | "transferPickListExport"
  | "listArriving"
  | "receiveCopies"
  | "onTransfer"
>;

const SAYINGS = {
  unknown: [
    "Chi nhánh gửi không có quyển này. Kiểm tra mã vạch.",
    "The branch that sends has no such copy. Check the barcode.",
  ],
  on_loan: [
    "Quyển này đang được mượn. Nhận trả trước rồi chuyển.",
    "The copy is on loan. Take it back first, then move it.",
  ],
  lost: [
    "Quyển này được ghi là mất. Sửa tình trạng nếu đã tìm thấy.",
    "The copy is on record as lost. Correct its state if it was found.",
  ],
  in_transit: [
    "Quyển này đang trên đường chuyển và chưa được nhận.",
    "The copy is on its way and was not received yet.",
  ],
  already_there: ["Quyển này đã ở đây rồi.", "The copy is here already."],
  in_doubt: [
    "Chưa biết giao dịch kết thúc ra sao vì chi nhánh không trả lời. Chạy tiếp khi liên lạc được.",
    "How the transaction ended is not known: the site does not answer. Resume when it can be reached.",
  ],
} as const satisfies Record<string, readonly [string, string]>;

type Code = keyof typeof SAYINGS;

function said(code: Code): Message {
  const [vi, en] = SAYINGS[code];
  return { code, vi, en };
}

const NOTHING: OrderCounts = { waiting: 0, going: 0, moved: 0, refused: 0, given_up: 0 };

export function fakeTransfers(world: FakeWorld): TransferCommands {
  const hearers = new Set<(progress: TransferProgress) => void>();
  const tell = (progress: TransferProgress) => {
    for (const hear of hearers) {
      hear(progress);
    }
  };
  const titleName = (copy: FakeCopy) =>
    world.titles.find((title) => title.key === copy.title)?.name ?? "";
  const line = (copy: FakeCopy): PickLine => ({
    shelf_mark: copy.shelf_mark,
    title_name: titleName(copy),
    title: copy.title,
    copy: copy.barcode,
    condition: "good",
  });
  const against = (copy: FakeCopy | undefined): Code | null => {
    switch (copy?.state) {
      case undefined:
        return "unknown";
      case "on_loan":
      case "lost":
      case "in_transit":
        return copy.state;
      default:
        return null;
    }
  };
  const order = (id: string): TransferView => {
    const found = world.transfers.find((candidate) => candidate.head.id === id);
    if (!found) {
      throw new DeskError({ code: "transfer_unknown", vi: "Không có.", en: "No such transfer." });
    }
    return found;
  };
  const isCut = (branch: string) =>
    world.view.demo?.some((site) => site.branch === branch && site.cut) ?? false;
  const run = async (view: TransferView, copies: FakeCopy[]): Promise<TransferView> => {
    const { id, from, to } = view.head;
    const txn = `0190-txn-${world.transfers.length}`;
    const steps = (source: SiteStep, target: SiteStep, counts: OrderCounts, is_over = false) =>
      tell({
        order: id,
        counts,
        part: {
          txn,
          copies: copies.length,
          sites: [
            { branch: from, step: source },
            { branch: to, step: target },
          ],
        },
        is_over,
        trouble: is_over ? view.trouble : null,
      });
    const going = { ...view.counts, waiting: 0, going: copies.length };
    steps("asked", "asked", going);
    await world.turn?.();
    if (isCut(to)) {
      view.counts = { ...view.counts, waiting: copies.length };
      view.trouble = said("in_doubt");
      steps("promised", "unanswered", view.counts, true);
      return view;
    }
    steps("promised", "promised", going);
    for (const copy of copies) {
      copy.state = "in_transit";
    }
    view.counts = { ...view.counts, waiting: 0, moved: view.counts.moved + copies.length };
    view.parts = [...view.parts, { number: view.parts.length + 1, txn, state: "committed" }];
    view.trouble = null;
    steps("committed", "committed", view.counts, true);
    return view;
  };

  return {
    onTransfer: async (hear) => {
      hearers.add(hear);
      return () => hearers.delete(hear);
    },
    transferCompose: async (from, to, pick) => {
      const wanted = (() => {
        switch (pick.by) {
          case "barcodes":
            return pick.copies;
          case "list":
            return pick.text.split(/\s+/).filter((code) => /\d/.test(code));
          case "title":
            return world.copies
              .filter((copy) => copy.title === pick.pick.title && copy.state === "free")
              .map((copy) => copy.barcode)
              .slice(0, pick.pick.most ?? undefined);
        }
      })();
      const unread =
        pick.by === "list"
          ? pick.text
              .split("\n")
              .map((text, index) => ({ line: index + 1, text }))
              .filter(({ text }) => text.trim() !== "" && !/\d/.test(text))
          : [];
      const copies = wanted.map((code) => ({
        code,
        copy: world.copies.find((candidate) => candidate.barcode === code),
      }));
      return {
        from,
        to,
        going: copies.flatMap(({ copy }) => (copy && against(copy) === null ? [line(copy)] : [])),
        left_out: copies.flatMap(({ code, copy }) => {
          const why = against(copy);
          const title_name = copy ? titleName(copy) : null;
          return why ? [{ copy: code, title_name, why: why as "unknown", message: said(why) }] : [];
        }),
        unread,
        parts: 1,
      };
    },
    transferBegin: async (from, to, copies) => {
      const view: TransferView = {
        head: {
          id: `0190-t${world.transfers.length}`,
          from,
          to,
          placed_by: world.view.desk.person?.login ?? "",
          placed_at: new Date().toISOString(),
        },
        counts: { ...NOTHING, waiting: copies.length },
        parts: [],
        left_out: [],
        trouble: null,
      };
      world.transfers.unshift(view);
      world.waiting.set(view.head.id, copies);
      const moving = world.copies.filter((copy) => copies.includes(copy.barcode));
      return { ...(await run(view, moving)) };
    },
    transferResume: async (id) => {
      const moving = world.copies.filter((copy) => world.waiting.get(id)?.includes(copy.barcode));
      return { ...(await run(order(id), moving)) };
    },
    transferGiveUp: async (id) => {
      const view = order(id);
      const { waiting, given_up } = view.counts;
      view.counts = { ...view.counts, waiting: 0, given_up: given_up + waiting };
      return { ...view };
    },
    transferList: async (skip) =>
      world.transfers.slice(skip, skip + 100).map(({ head, counts }) => ({ head, counts })),
    transferGet: async (id) => ({ ...order(id), trouble: null }),
    transferPickList: async (id) => {
      const copies = world.waiting.get(id) ?? [];
      const lines = world.copies.filter((copy) => copies.includes(copy.barcode)).map(line);
      return {
        head: order(id).head,
        lines,
        received: 0,
        is_target_silent: isCut(order(id).head.to),
      };
    },
    transferPickListExport: async () => ({ file: "pick-list.csv", books: 1 }),
    listArriving: async () => ({ lines: [...world.arriving], more: false }),
    receiveCopies: async (copies) => {
      const isComing = (copy: string) => world.arriving.some((coming) => coming.copy === copy);
      const received = copies.filter(isComing);
      const left = copies.filter((copy) => !isComing(copy));
      world.arriving = world.arriving.filter(({ copy }) => !copies.includes(copy));
      const why = (copy: string): Code =>
        world.copies.some(({ barcode }) => barcode === copy) ? "already_there" : "unknown";
      return {
        received,
        left_out: left.map((copy) => ({
          copy,
          title_name: null,
          why: why(copy) as "unknown",
          message: said(why(copy)),
        })),
      };
    },
  };
}

/**
 * A desk in memory, for tests and for looking at the screens without the shell. It follows the rules
 * of a desk only as far as the screens can tell; nothing of it is part of the application.
 */
import { dayOf } from "../../format";
import {
  type Answer,
  type AppView,
  type Copy,
  type CopyDetails,
  type CopyView,
  type DeedKind,
  type Desk,
  DeskError,
  type DeskStatus,
  type Event,
  type Loan,
  type Message,
  type PatronView,
  type Person,
  type QueueLine,
  type ScanAnswer,
} from "../desk";
import { fakeCatalogue } from "./catalogue";
import { fakeDoubt } from "./doubt";
import { fakeFederation } from "./federation";
import { fakeNetwork } from "./network";
import { fakeReplicas } from "./replicas";
import { fakeTransfers } from "./transfers";
import { fakeVisitors } from "./visitors";
import {
  daysFromNow,
  type FakeCopy,
  type FakeEvent,
  type FakeLoan,
  type FakeWorld,
  fakeWorld,
  SET_ASIDE,
} from "./world";

/** The password of everyone. */
export const FAKE_PASSWORD = "lienthu";
/** A new password that the fake site's policy does not take. */
export const FAKE_POLICY_REFUSES = "12345678";
/** Whoever signs in so is a manager; everyone else is a librarian. */
export const FAKE_MANAGER = "hang";
const PAGE = 100;

const SAYINGS = {
  wrong_password: [
    "Sai tên hoặc mật khẩu. Kiểm tra rồi thử lại.",
    "The name or the password is wrong. Check them and try again.",
  ],
  old_password_wrong: [
    "Mật khẩu cũ không đúng. Nhập lại, chú ý phím Caps Lock và bộ gõ.",
    "The old password is wrong. Enter it again; mind Caps Lock and the input method.",
  ],
  password_against_policy: [
    "Máy chủ không nhận mật khẩu này: quá đơn giản hoặc đã dùng trước đây.",
    "The server does not take this password: too simple, or used before.",
  ],
  needs_site: [
    "Việc này cần liên lạc được với chi nhánh. Thử lại khi có mạng.",
    "This needs the site. Try again when the line is back.",
  ],
  copy_unknown: [
    "Không có quyển sách này ở chi nhánh. Kiểm tra mã vạch hoặc nhập quyển sách.",
    "This branch has no such copy. Check the barcode, or add the copy.",
  ],
  copy_on_loan: [
    "Quyển này đang được người khác mượn. Nhận trả trước rồi cho mượn lại.",
    "Another patron has this copy. Take it back first, then lend it.",
  ],
  copy_lost: [
    "Quyển này được ghi là mất. Sửa tình trạng sách nếu đã tìm thấy.",
    "This copy is on record as lost. Correct its state if it was found.",
  ],
  patron_blocked: [
    "Thẻ đang bị khóa. Xem lý do trong hồ sơ độc giả và mở khóa khi đã giải quyết.",
    "The card is blocked. See why in the patron's record; unblock it when that is settled.",
  ],
  patron_unknown: [
    "Không có độc giả này ở chi nhánh. Kiểm tra thẻ hoặc lập thẻ mới.",
    "This branch has no such patron. Check the card, or make one.",
  ],
  card_expired: [
    "Thẻ đã hết hạn. Gia hạn thẻ trước khi cho mượn.",
    "The card has expired. Extend it before lending.",
  ],
  has_overdue: [
    "Độc giả còn sách quá hạn. Nhận trả hoặc gia hạn sách đó trước.",
    "The patron has overdue books. Take them back or renew them first.",
  ],
  not_on_loan: [
    "Quyển này không có ai đang mượn. Kiểm tra mã vạch; nếu đúng, xếp sách lên giá.",
    "Nobody has this copy on loan. Check the barcode; if it is right, shelve the book.",
  ],
  was_overdue: ["Sách trả trễ hạn.", "The book came back after its due date."],
  needs_patron: [
    "Quét thẻ độc giả trước, rồi quét lại quyển sách.",
    "Scan the patron's card first, then scan the book again.",
  ],
  not_understood: [
    "Không hiểu mã này. Quét lại, hoặc gõ mã trên thẻ hay nhãn sách.",
    "This code is neither a card nor a barcode. Scan again, or type what the label says.",
  ],
  nothing_to_undo: [
    "Không tìm thấy thao tác để hoàn tác. Có thể nó đã được hoàn tác.",
    "There is nothing to undo. It may have been undone already.",
  ],
} as const satisfies Record<string, readonly [string, string]>;

type Code = keyof typeof SAYINGS;

function said(code: Code): Message {
  const [vi, en] = SAYINGS[code];
  return { code, vi, en };
}

/** What a test or the preview may do to a fake desk besides asking it. */
export interface FakeControls {
  readonly world: FakeWorld;
  /** Changes the desk's state and tells everyone. */
  change(what: Partial<DeskStatus>): void;
  /** Answers to scans come only after this promise; to see what the screens do meanwhile. */
  holdUntil(open: Promise<void> | null): void;
}

export function fakeDesk(world: FakeWorld = fakeWorld()): Desk & { readonly fake: FakeControls } {
  const hearers = new Set<(view: AppView) => void>();
  let gate: Promise<void> | null = null;
  let made = 0;

  const tell = (view: AppView) => {
    world.view = view;
    for (const hear of hearers) {
      hear(view);
    }
  };
  const change = (what: Partial<DeskStatus>) =>
    tell({ ...world.view, desk: { ...world.view.desk, ...what } });
  const offline = () => world.view.desk.site.state === "unreachable";
  const asOf = () => (offline() ? world.view.desk.knowledge.as_of : null);
  const today = () => dayOf(new Date());
  const openLoan = (barcode: string) =>
    world.loans.find((loan) => loan.copy === barcode && !loan.ended_at && !loan.undone);
  const findCopy = (barcode: string) =>
    world.copies.find((copy) => copy.barcode.toLowerCase() === barcode.trim().toLowerCase());

  const copyView = (copy: FakeCopy): CopyView => ({
    barcode: copy.barcode,
    copy: copyRow(copy),
    title: world.titles.find((title) => title.key === copy.title) ?? null,
  });
  const copyViewOf = (barcode: string): CopyView => {
    const copy = findCopy(barcode);
    return copy ? copyView(copy) : { barcode, copy: null, title: null };
  };
  const patronView = (code: string): PatronView | null => {
    const card = world.patrons.find((patron) => patron.code === code);
    if (!card) {
      return null;
    }
    const loans = world.loans
      .filter((loan) => loan.patron === code && !loan.ended_at && !loan.undone)
      .sort((one, other) => one.due.localeCompare(other.due))
      .map((loan) => ({
        loan: loanRow(loan),
        title: copyViewOf(loan.copy).title?.name ?? "",
        overdue: loan.due < today(),
      }));
    const warnings: Message[] = [];
    if (card.block !== null) {
      warnings.push(said("patron_blocked"));
    }
    if (card.card_expires !== null && card.card_expires < today()) {
      warnings.push(said("card_expired"));
    }
    if (loans.some((line) => line.overdue)) {
      warnings.push(said("has_overdue"));
    }
    return { code, card, loans, loans_max: 5, warnings };
  };
  const write = (deed: DeedKind, copy: string, patron: string | null): string => {
    made += 1;
    const id = `0190-e${made}`;
    const queued = offline();
    world.queue.unshift({
      id,
      seq: 812 + made,
      at: new Date().toISOString(),
      scanned_by: world.view.desk.person?.login ?? "",
      deed,
      copy,
      patron,
      state: queued ? "waiting" : "acknowledged",
    });
    count();
    return id;
  };
  const count = () => {
    const all = (state: FakeEvent["state"]) =>
      world.queue.filter((event) => event.state === state).length;
    change({
      queue: {
        waiting: all("waiting"),
        set_aside: all("set_aside"),
        acknowledged: 811 + all("acknowledged"),
      },
    });
  };
  const done = (deed: DeedKind, copy: CopyView, loan: FakeLoan | null, warnings: Message[]) => {
    const event = write(deed, copy.barcode, loan?.patron ?? null);
    if (deed === "borrow" && loan) {
      loan.borrow = event;
    }
    return {
      kind: "done",
      deed,
      event,
      queued: offline(),
      copy: copyViewOf(copy.barcode),
      loan: loan && loanRow(loan),
      patron: loan && patronView(loan.patron),
      warnings,
    } satisfies Answer;
  };
  const refused = (code: Code, copy: CopyView, patron: PatronView | null, can = false): Answer => ({
    kind: "refused",
    reasons: [said(code)],
    can_override: can || offline(),
    offline: offline(),
    copy,
    patron,
  });

  const lend = (copy: FakeCopy, code: string, goOn: boolean): Answer => {
    const reader = patronView(code);
    const view = copyView(copy);
    const no = (why: Code, can: boolean) => refused(why, view, reader, can);
    if (!reader) {
      return no("patron_unknown", false);
    }
    const ignores = goOn && offline();
    if (reader.card?.block != null && !ignores) {
      return no("patron_blocked", false);
    }
    if (copy.state !== "free" && !ignores) {
      return no(copy.state === "lost" ? "copy_lost" : "copy_on_loan", false);
    }
    const [warning] = reader.warnings;
    if (warning && !goOn) {
      return no(warning.code as Code, true);
    }
    const loan: FakeLoan = {
      no: 5_000 + made,
      borrow: "",
      copy: copy.barcode,
      patron: code,
      borrowed_at: new Date().toISOString(),
      due: daysFromNow(14),
      renewals: 0,
      ended_at: null,
      undone: false,
    };
    world.loans.push(loan);
    copy.state = "on_loan";
    return done("borrow", view, loan, []);
  };
  const takeBack = (copy: FakeCopy): Answer => {
    const loan = openLoan(copy.barcode);
    if (!loan) {
      return refused("not_on_loan", copyView(copy), null);
    }
    loan.ended_at = new Date().toISOString();
    copy.state = "free";
    return done("return", copyView(copy), loan, loan.due < today() ? [said("was_overdue")] : []);
  };
  const renew = (copy: FakeCopy): Answer => {
    const loan = openLoan(copy.barcode);
    if (!loan) {
      return refused("not_on_loan", copyView(copy), null);
    }
    loan.due = daysFromNow(14);
    loan.renewals += 1;
    return done("renew", copyView(copy), loan, []);
  };
  const answer = (deed: Answer): ScanAnswer => ({ kind: "answer", answer: deed });
  const applyDetails = (details: CopyDetails) => {
    const { barcode, title, condition, shelf_mark, price_vnd } = details;
    const copy = findCopy(barcode);
    const state = condition === "good" ? "free" : condition;
    if (copy) {
      Object.assign(copy, { title, shelf_mark, price_vnd });
      copy.state = openLoan(barcode) ? "on_loan" : state;
    } else {
      world.copies.push({ barcode, title, shelf_mark, price_vnd, state });
    }
  };
  const drain = () => {
    for (const event of world.queue) {
      if (event.state === "waiting") {
        event.state = "acknowledged";
      }
    }
    change({ site: { state: "reachable" } });
    count();
  };

  return {
    ...fakeNetwork(world, FAKE_PASSWORD, tell),
    ...fakeTransfers(world),
    ...fakeFederation(world),
    ...fakeCatalogue(world),
    ...fakeReplicas(world),
    ...fakeDoubt(world),
    ...fakeVisitors(world),
    fake: {
      world,
      change,
      holdUntil: (open) => {
        gate = open;
      },
    },
    onChanged: async (hear) => {
      hearers.add(hear);
      return () => hearers.delete(hear);
    },
    getView: async () => world.view,
    enrol: async (branch, name) => {
      const enrolment = { desk: "0190-desk", branch, name, computer: "" };
      change({ enrolment });
      return enrolment;
    },
    signIn: async (login, password) => {
      if (password !== FAKE_PASSWORD) {
        throw new DeskError(said("wrong_password"));
      }
      const person: Person =
        login === FAKE_MANAGER
          ? { login, name: "Đỗ Thanh Hằng", roles: ["manager"], offline: offline() }
          : { login, name: "Võ Thị Lan", roles: ["librarian"], offline: offline() };
      change({ person });
      return person;
    },
    signOut: async () => {
      change({ person: null });
      return null;
    },
    passwordChange: async (old, next) => {
      if (offline()) {
        throw new DeskError(said("needs_site"));
      }
      if (old !== FAKE_PASSWORD) {
        throw new DeskError(said("old_password_wrong"));
      }
      if (next === FAKE_POLICY_REFUSES) {
        throw new DeskError(said("password_against_policy"));
      }
      return null;
    },
    scan: async ({ text, mode, patron, go_on }) => {
      await gate;
      const reader = patronView(text.trim().toUpperCase());
      if (reader) {
        return { kind: "patron", patron: reader };
      }
      const copy = findCopy(text);
      if (!copy) {
        return { kind: "not_understood", message: said("not_understood"), can_override: false };
      }
      if (mode === "return") {
        return answer(takeBack(copy));
      }
      if (mode === "renew") {
        return answer(renew(copy));
      }
      return patron === null
        ? { kind: "needs_patron", message: said("needs_patron"), copy: copyView(copy) }
        : answer(lend(copy, patron, go_on));
    },
    renew: async (barcode) => {
      const copy = findCopy(barcode);
      return copy ? renew(copy) : refused("copy_unknown", copyViewOf(barcode), null);
    },
    undo: async (id) => {
      const event = world.queue.find((candidate) => candidate.id === id);
      const copy = event && findCopy(event.copy);
      if (!event || !copy) {
        return refused("nothing_to_undo", copyViewOf(""), null);
      }
      const loan = world.loans.findLast((candidate) => candidate.copy === event.copy) ?? null;
      if (loan && event.deed === "borrow") {
        loan.undone = true;
        copy.state = "free";
      } else if (loan && event.deed === "return") {
        loan.ended_at = null;
        copy.state = "on_loan";
      }
      return done("undo", copyView(copy), loan, []);
    },
    queueList: async (filter, skip) =>
      world.queue
        .filter((event) => filter === "all" || event.state === filter)
        .slice(skip, skip + PAGE)
        .map((event) => queueLine(event, copyViewOf(event.copy))),
    queueSend: async () => {
      drain();
      return world.view;
    },
    queueExport: async () => ({
      file: "set-aside-2026-11-22.jsonl",
      events: world.queue.filter((event) => event.state === "set_aside").length,
    }),
    queueRetry: async (id) => {
      const event = world.queue.find((candidate) => candidate.id === id);
      if (event) {
        event.state = "waiting";
      }
      count();
      return null;
    },
    reviewList: async () =>
      world.review.map((line) => ({ ...line, copy: copyViewOf(line.item.copy) })),
    reviewSettle: async (copy, target) => {
      world.review = world.review.filter((line) => line.item.event !== target);
      return done("settle", copyViewOf(copy), null, []);
    },
    reviewUndo: async (copy, target) => {
      world.review = world.review.filter((line) => line.item.event !== target);
      return done("undo", copyViewOf(copy), null, []);
    },
    titleSearch: async (text, skip) => {
      const words = fold(text).split(" ").filter(Boolean);
      const titles = world.titles
        .filter((title) => {
          const whole = fold(`${title.name} ${title.author} ${title.key}`);
          return words.every((word) => whole.includes(word));
        })
        .map((title) => {
          const copies = world.copies.filter((copy) => copy.title === title.key);
          const free = copies.filter((copy) => copy.state === "free").length;
          return { title, copies: copies.length, free };
        });
      return { titles: titles.slice(skip, skip + PAGE), more: titles.length > skip + PAGE };
    },
    patronFind: async (text) => ({
      as_of: asOf(),
      patrons: world.patrons.filter((patron) =>
        fold(`${patron.code} ${patron.name}`).includes(fold(text)),
      ),
    }),
    patronGet: async (code) => {
      const patron = world.patrons.find((candidate) => candidate.code === code);
      const view = patronView(code) ?? unknownPatron(code);
      const loans = world.loans.filter((loan) => loan.patron === code).map(loanRow);
      return { view, as_of: asOf(), file: patron && !offline() ? { patron, loans } : null };
    },
    patronSave: async ({ patron }) => {
      const others = world.patrons.filter((candidate) => candidate.code !== patron.code);
      world.patrons = [...others, patron];
      return null;
    },
    patronRemove: async (code) => {
      world.patrons = world.patrons.filter((patron) => patron.code !== code);
      return null;
    },
    copyGet: async (barcode) => {
      const copy = findCopy(barcode);
      const view = copyViewOf(barcode);
      const open = openLoan(barcode);
      const holder = world.patrons.find((patron) => patron.code === open?.patron) ?? null;
      const loans = world.loans.filter((loan) => loan.copy === barcode).map(loanRow);
      const file =
        copy && view.title && !offline()
          ? { copy: copyRow(copy), title: view.title, holder, loans }
          : null;
      return { view, loan: open ? loanRow(open) : null, as_of: asOf(), file };
    },
    copiesAdd: async (copies) => {
      copies.forEach(applyDetails);
      return null;
    },
    copySave: async ({ details }) => {
      applyDetails(details);
      return null;
    },
    copyRemove: async (barcode) => {
      world.copies = world.copies.filter((copy) => copy.barcode !== barcode);
      return null;
    },
    demoLine: async (branch, cut) => {
      const { demo, desk } = world.view;
      const lines = demo?.map((line) => (line.branch === branch ? { ...line, cut } : line));
      tell({ ...world.view, demo: lines ?? null });
      if (branch === desk.enrolment?.branch) {
        if (cut) {
          change({ site: { state: "unreachable", since: new Date().toISOString() } });
        } else {
          drain();
        }
      }
      return world.view;
    },
  };
}

function copyRow(copy: FakeCopy): Copy {
  const { state } = copy;
  const condition = state === "free" || state === "on_loan" ? "good" : state;
  return { ...copy, branch: "Q1", condition, forwarded_to: null };
}

function loanRow(loan: FakeLoan): Loan {
  return { ...loan, branch: "Q1", ending: loan.ended_at ? "returned" : null, returned_on: null };
}

function unknownPatron(code: string): PatronView {
  return { code, card: null, loans: [], loans_max: null, warnings: [said("patron_unknown")] };
}

function deedRow({ deed, patron }: FakeEvent): Event["deed"] {
  switch (deed) {
    case "borrow":
      return { kind: "borrow", patron: patron ?? "", due: daysFromNow(14) };
    case "return":
      return { kind: "return", returned_on: null };
    case "renew":
      return { kind: "renew", borrow: "", due: daysFromNow(14) };
    case "undo":
      return { kind: "undo", target: "" };
    case "settle":
      return { kind: "settle", target: "", flag: "rule_broken", settlement: { kind: "confirmed" } };
  }
}

function queueLine(event: FakeEvent, copy: CopyView): QueueLine {
  const { id, seq, at, scanned_by, state } = event;
  return {
    copy,
    message: state === "set_aside" ? SET_ASIDE.message : null,
    queued: {
      frozen: true,
      claim: "fact",
      correlation: "",
      state: state === "set_aside" ? { state, why: SET_ASIDE.why } : { state },
      event: {
        id,
        desk: "0190-desk",
        seq,
        site: "Q1",
        scanned_by,
        at,
        uncertainty_ms: 0,
        overridden: false,
        copy: event.copy,
        deed: deedRow(event),
      },
    },
  };
}

function fold(text: string): string {
  return text
    .normalize("NFD")
    .replace(/\p{Mn}/gu, "")
    .replace(/[đĐ]/g, "d")
    .toLowerCase()
    .trim();
}

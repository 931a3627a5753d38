/** What the fake desk knows: enough of a branch to look at every screen. */
import { dayOf } from "../../format";
import type {
  AppView,
  ArrivingLine,
  Branch,
  ClosedDay,
  CopyState,
  DeedKind,
  FlagKind,
  LoanPolicy,
  Message,
  Patron,
  PendingView,
  ReviewItem,
  SetAside,
  SiteEntry,
  Title,
  Tls,
  TransactionView,
  TransferView,
} from "../desk";

export interface FakeCopy {
  barcode: string;
  title: string;
  state: CopyState;
  shelf_mark: string;
  price_vnd: number | null;
}

export interface FakeLoan {
  no: number;
  borrow: string;
  copy: string;
  patron: string;
  borrowed_at: string;
  due: string;
  renewals: number;
  ended_at: string | null;
  undone: boolean;
}

export interface FakeEvent {
  id: string;
  seq: number;
  at: string;
  scanned_by: string;
  deed: DeedKind;
  copy: string;
  patron: string | null;
  state: "waiting" | "acknowledged" | "set_aside";
}

export interface FakeReview {
  item: ReviewItem;
  message: Message;
  rule: Message | null;
}

/** The network file, as far as screens can tell. */
export interface FakeNetwork {
  /** Counts up with each change. */
  version: number;
  sites: SiteEntry[];
  trouble: Message | null;
}

/** What holds at every site. */
export interface FakeRules {
  branches: Branch[];
  policies: LoanPolicy[];
  days: ClosedDay[];
}

export interface FakeWorld {
  view: AppView;
  titles: Title[];
  patrons: Patron[];
  copies: FakeCopy[];
  loans: FakeLoan[];
  queue: FakeEvent[];
  review: FakeReview[];
  network: FakeNetwork;
  transfers: TransferView[];
  /** The copies of each transfer. */
  waiting: Map<string, string[]>;
  arriving: ArrivingLine[];
  changes: PendingView[];
  doubt: TransactionView[];
  rules: FakeRules;
  /** A title is otherwise at one site. */
  differs: boolean;
  /** What sites take before they go on; nothing where nobody looks at them meanwhile. */
  turn?: () => Promise<void>;
}

const TITLES: [string, string, string, number | null, string][] = [
  ["Truyện Kiều", "Nguyễn Du", "NXB Văn học", 1820, "895.9221"],
  ["Số đỏ", "Vũ Trọng Phụng", "NXB Văn học", 1936, "895.9223"],
  ["Dế Mèn phiêu lưu ký", "Tô Hoài", "NXB Kim Đồng", 1941, "895.9223"],
  ["Tắt đèn", "Ngô Tất Tố", "NXB Hội Nhà văn", 1937, "895.9223"],
  ["Đất rừng phương Nam", "Đoàn Giỏi", "NXB Kim Đồng", 1957, "895.9223"],
  ["Nỗi buồn chiến tranh", "Bảo Ninh", "NXB Trẻ", 1987, "895.9223"],
  ["Cho tôi xin một vé đi tuổi thơ", "Nguyễn Nhật Ánh", "NXB Trẻ", 2008, "895.9223"],
  ["Việt Nam sử lược", "Trần Trọng Kim", "NXB Văn học", 1920, "959.7"],
  ["Đại Việt sử ký toàn thư", "Ngô Sĩ Liên", "NXB Khoa học xã hội", null, "959.702"],
  ["Gánh hàng hoa", "Khái Hưng; Nhất Linh", "NXB Đời Nay", 1934, "895.9223"],
  ["Cơ sở văn hóa Việt Nam", "Trần Ngọc Thêm", "NXB Giáo dục", 1995, "306.09597"],
  ["Những ngôi sao xa xôi", "Lê Minh Khuê", "NXB Kim Đồng", 1971, "895.9223"],
];

const PATRONS: [string, string, string, number | null, string | null][] = [
  ["DG0001", "Nguyễn Thị Minh Ánh", "STUDENT", 240, null],
  ["DG0002", "Trần Quốc Đạt", "ADULT", 35, null],
  ["DG0003", "Lê Hoàng Ngọc Diễm", "STUDENT", -12, null],
  ["DG0004", "Đặng Văn Phước", "ADULT", 400, "Làm mất quyển Q1-000007, chưa bồi thường."],
  ["DG0005", "Phạm Gia Bảo", "CHILD", null, null],
];

/** A day so many days from now. */
export function daysFromNow(days: number): string {
  return dayOf(new Date(Date.now() + days * 86_400_000));
}

function sayings(code: string, vi: string, en: string): Message {
  return { code, vi, en };
}

function review(): FakeReview[] {
  const at = new Date(Date.now() - 26 * 3_600_000).toISOString();
  const item = (event: string, kind: FlagKind, copy: string, patron: string): ReviewItem => ({
    event,
    kind,
    refusal: kind === "rule_broken" ? "card_expired" : null,
    other: null,
    copy,
    sent_by: "lan",
    about: {
      id: event,
      desk: "0190-desk",
      seq: 790,
      site: BRANCH,
      scanned_by: "lan",
      at,
      uncertainty_ms: 12,
      overridden: false,
      copy,
      deed: { kind: "borrow", patron, due: daysFromNow(12) },
    },
  });
  return [
    {
      item: item("0190-r1", "return_missed", "Q1-000003", "DG0002"),
      rule: null,
      message: sayings(
        "return_missed",
        "Sách được cho mượn lần nữa khi phiếu này chưa trả. Hỏi độc giả rồi ghi ngày trả thật.",
        "The book was lent again while this loan was open. Ask the patron and enter the real return date.",
      ),
    },
    {
      item: item("0190-r2", "rule_broken", "Q1-000005", "DG0003"),
      message: sayings(
        "rule_broken",
        "Thao tác lúc mất liên lạc trái quy định. Xem lý do rồi xác nhận hoặc hoàn tác.",
        "What was done offline broke a rule. See why, then confirm or undo it.",
      ),
      rule: sayings(
        "card_expired",
        "Thẻ đã hết hạn. Gia hạn thẻ trước khi cho mượn.",
        "The card has expired. Extend it before lending.",
      ),
    },
  ];
}

/** Why the one event that is set aside is so. */
export const SET_ASIDE: { why: SetAside; message: Message } = {
  why: "in_the_future",
  message: sayings(
    "in_the_future",
    "Thời điểm quét nằm ở tương lai. Chỉnh đồng hồ máy rồi báo quản trị.",
    "The scan lies in the future. Set this computer's clock and tell the administrator.",
  ),
};

function setAside(): FakeEvent {
  return {
    id: "0190-s1",
    seq: 812,
    at: new Date(Date.now() - 3 * 86_400_000).toISOString(),
    scanned_by: "lan",
    deed: "borrow",
    copy: "Q1-000009",
    patron: "DG0001",
    state: "set_aside",
  };
}

const BRANCH = "Q1";

/** A world as it is in the morning: enrolled, nobody signed in, the site reachable. */
export function fakeWorld(): FakeWorld {
  const titles = TITLES.map(([name, author, publisher, year, ddc], index) => ({
    key: `LT-${String(index + 1).padStart(6, "0")}`,
    name,
    author,
    publisher,
    year,
    ddc,
    language: "vie",
  }));
  const copies = titles.flatMap((title, index) =>
    [0, 1].map((second) => ({
      barcode: `Q1-${String(index + 1 + second * titles.length).padStart(6, "0")}`,
      title: title.key,
      state: "free" as CopyState,
      shelf_mark: `${title.ddc} ${title.author.slice(0, 3).toUpperCase()}`,
      price_vnd: 85_000 + index * 4_000,
    })),
  );
  const patrons = PATRONS.map(([code, name, category, expires, block]) => ({
    code,
    name,
    branch: BRANCH,
    category,
    card_expires: expires === null ? null : daysFromNow(expires),
    block,
    home_branch: null,
    home_code: null,
    birth_date: "2001-05-19",
    phone: "0903 123 456",
    email: "",
    deposit_vnd: 200_000,
    note: "",
  }));
  const loans = [
    ["Q1-000002", "DG0001", -3],
    ["Q1-000008", "DG0001", 6],
    ["Q1-000011", "DG0002", 11],
  ].map(([copy, patron, due], index) => ({
    no: 4_000 + index,
    borrow: `0190-l${index}`,
    copy: String(copy),
    patron: String(patron),
    borrowed_at: new Date(Date.now() + (Number(due) - 14) * 86_400_000).toISOString(),
    due: daysFromNow(Number(due)),
    renewals: 0,
    ended_at: null,
    undone: false,
  }));
  for (const copy of copies) {
    if (loans.some((loan) => loan.copy === copy.barcode)) {
      copy.state = "on_loan";
    }
    if (copy.barcode === "Q1-000007") {
      copy.state = "lost";
    }
  }
  return {
    view: morning(),
    titles,
    patrons,
    copies,
    loans,
    queue: [setAside()],
    review: review(),
    network: { version: 1, sites: sites(), trouble: null },
    transfers: [],
    waiting: new Map(),
    arriving: arriving(titles),
    changes: [],
    doubt: [transferInDoubt()],
    rules: rules(),
    differs: true,
  };
}

function rules(): FakeRules {
  const branch = (code: string, district: string) => ({
    code,
    name: `Chi nhánh ${district}`,
    address: `Thư viện ${district}, Thành phố Hồ Chí Minh`,
    standing: "active" as const,
  });
  const policy = (category: string | null, loan_days: number, loans_max: number) => ({
    branch: null,
    category,
    loan_days,
    loans_max,
    renewals_max: 1,
    renewal_days: loan_days,
    may_override: true,
  });
  return {
    branches: [branch("Q1", "Quận 1"), branch("Q3", "Quận 3"), branch("Q5", "Quận 5")],
    policies: [policy("STUDENT", 14, 5), policy("CHILD", 7, 3), policy(null, 14, 4)],
    days: [
      { branch: null, date: "2026-09-02", note: "Quốc khánh" },
      { branch: "Q3", date: "2026-12-14", note: "Kiểm kê" },
    ],
  };
}

/** Q3 sent five books to this branch, and nobody knows whether it did. */
function transferInDoubt(): TransactionView {
  return {
    txn: "0190-in-doubt",
    what: {
      kind: "transfer",
      from: "Q3",
      to: BRANCH,
      copies: [5, 6, 7, 8, 9].map((number) => `Q3-00000${number}`),
    },
    decider: "Q3",
    age_s: 754,
    decision: null,
    sites: [
      { branch: BRANCH, state: "prepared", message: null },
      { branch: "Q3", state: "prepared", message: null },
    ],
    may_force: false,
    needs_repair: false,
  };
}

function arriving(titles: readonly Title[]): ArrivingLine[] {
  return titles.slice(0, 4).map(({ key, name }, index) => ({
    copy: `Q3-${String(index + 1).padStart(6, "0")}`,
    title: key,
    title_name: name,
    shelf_mark: `895.922 ${index + 1}`,
    from: "Q3",
    txn: "0190-coming",
    sent_at: new Date(Date.now() - 5 * 3_600_000).toISOString(),
  }));
}

/** Why a fake network file cannot be used: there is none. */
export const FAKE_MISSING = sayings(
  "network_missing",
  "Chưa có tệp mạng. Thêm chi nhánh, hoặc tạo tệp từ mẫu.",
  "There is no network file yet. Add a site, or make a file from the template.",
);

/** The first start on a computer: no network file, no desk. */
export function firstWorld(): FakeWorld {
  const world = fakeWorld();
  const desk = { ...world.view.desk, enrolment: null };
  world.network = { version: 0, sites: [], trouble: FAKE_MISSING };
  world.view = { ...world.view, desk, branches: [], demo: null, network_trouble: FAKE_MISSING };
  return world;
}

function sites(): SiteEntry[] {
  const server = (code: string, name: string, address: string, tls: Tls): SiteEntry => ({
    code,
    name,
    kind: "sqlserver",
    address,
    database: `Site_TV_${code}`,
    tls,
    sign_in: "sql",
  });
  return [
    server("Q1", "Chi nhánh Quận 1", "sql-q1.local,1433", { ca: "ca.pem" }),
    server("Q3", "Chi nhánh Quận 3", String.raw`TV-Q3\SQLEXPRESS`, "off"),
    { code: "Q5", name: "Chi nhánh Quận 5", kind: "embedded", path: "q5.db" },
  ];
}

function morning(): AppView {
  const branches = [
    { code: "Q1", name: "Chi nhánh Quận 1" },
    { code: "Q3", name: "Chi nhánh Quận 3" },
    { code: "Q5", name: "Chi nhánh Quận 5" },
  ];
  return {
    version: "0.1.0",
    branches,
    network_trouble: null,
    warnings: [],
    demo: branches.map(({ code, name }) => ({ branch: code, name, cut: false })),
    desk: {
      enrolment: { desk: "0190-desk", branch: BRANCH, name: "Quầy 1", computer: "" },
      branches: branches.map(({ code }) => code),
      site: { state: "reachable" },
      waiting_for_sign_in: false,
      queue: { waiting: 0, set_aside: 1, acknowledged: 811 },
      knowledge: {
        as_of: new Date().toISOString(),
        filling_rows: null,
        titles: 2_034,
        copies: 6_120,
        patrons: 1_480,
      },
      person: null,
      trouble: null,
      interrupted: [],
    },
  };
}

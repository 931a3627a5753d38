/** The network file of the fake desk. */
import {
  type BranchChoice,
  type ConnectionTest,
  type Desk,
  DeskError,
  type Diagnosis,
  type Message,
  type NetworkView,
  type SiteEntry,
} from "../desk";
import type { FakeWorld } from "./world";

type NetworkCommands = Pick<
  Desk,
  | "networkGet"
  | "networkReread"
  | "networkTest"
  | "networkAdd"
  | "networkChange"
  | "networkRemove"
  | "networkCertificate"
  | "networkTemplate"
>;

const SAYINGS = {
  network_twice: ["Tệp mạng ghi mã này hai lần.", "The network file names this code twice."],
  network_changed_meanwhile: [
    "Tệp mạng vừa bị sửa ở nơi khác. Xem lại rồi sửa tiếp.",
    "The network file was changed elsewhere meanwhile. Look at it again, then change it.",
  ],
  network_home_branch: ["Máy này thuộc chi nhánh đó.", "This desk belongs to that branch."],
  managers_only: ["Việc này chỉ quản lý được làm.", "Only managers may do that."],
  login_failed: ["Sai tên đăng nhập hoặc mật khẩu.", "Wrong login or password."],
  name_not_found: [
    "Không tìm thấy máy này. Kiểm tra tên, hoặc dùng địa chỉ IP.",
    "No computer is called so. Check the name, or use its IP address.",
  ],
  answers: [
    "Máy chủ trả lời và chứng thư hợp lệ. Nhập tài khoản để thử tiếp cơ sở dữ liệu.",
    "The server answers and its certificate is good. Give a login to try the database too.",
  ],
  fine: ["Kết nối tốt, trả lời sau 2 ms.", "The connection is fine; it answers within 2 ms."],
  line_not_encrypted: [
    "Đường truyền không được mã hóa: ai trên mạng cũng đọc được mật khẩu.",
    "The line is not encrypted: anyone on the network can read passwords.",
  ],
} as const satisfies Record<string, readonly [string, string]>;

function said(code: keyof typeof SAYINGS): Message {
  const [vi, en] = SAYINGS[code];
  return { code, vi, en };
}

/** Of the certificate that every fake server shows. */
const FINGERPRINT = Array.from({ length: 32 }, (_, at) =>
  ((at * 37 + 63) % 256).toString(16).padStart(2, "0").toUpperCase(),
).join(":");

/** A server whose name begins so is never found. */
const NOWHERE = "nowhere";

/** The commands over the world's network file; `password` is everyone's. */
export function fakeNetwork(
  world: FakeWorld,
  password: string,
  tell: (what: FakeWorld["view"]) => void,
): NetworkCommands {
  const mayChange = () => {
    const { enrolment, person } = world.view.desk;
    return (
      enrolment === null ||
      world.network.trouble !== null ||
      person?.roles.includes("manager") === true
    );
  };
  const seen = () =>
    world.network.trouble?.code === "network_missing" ? null : `v${world.network.version}`;
  const look = (): NetworkView => ({
    file: String.raw`C:\Lien Thu\network.toml`,
    seen: seen(),
    sites: world.network.sites,
    trouble: world.network.trouble,
    may_change: mayChange(),
  });
  const write = (was: string | null, sites: SiteEntry[]): NetworkView => {
    if (!mayChange()) {
      throw new DeskError(said("managers_only"));
    }
    if (was !== seen()) {
      throw new DeskError(said("network_changed_meanwhile"));
    }
    world.network = { version: world.network.version + 1, sites, trouble: null };
    const branches: BranchChoice[] = sites.map(({ code, name }) => ({ code, name }));
    tell({ ...world.view, branches, network_trouble: null });
    return look();
  };
  return {
    networkGet: async () => look(),
    networkReread: async () => {
      tell({ ...world.view, network_trouble: world.network.trouble });
      return look();
    },
    networkTest: async (entry, login, typed) => tried(entry, login, typed === password),
    networkAdd: async (was, entry) => {
      const { sites } = world.network;
      if (sites.some(({ code }) => code === entry.code)) {
        throw new DeskError(said("network_twice"));
      }
      return write(was, [...sites, entry]);
    },
    networkChange: async (was, entry) =>
      write(
        was,
        world.network.sites.map((site) => (site.code === entry.code ? entry : site)),
      ),
    networkRemove: async (was, code, goOn) => {
      if (code === world.view.desk.enrolment?.branch && !goOn) {
        throw new DeskError(said("network_home_branch"));
      }
      return write(
        was,
        world.network.sites.filter((site) => site.code !== code),
      );
    },
    networkCertificate: async ({ code }) => ({
      file: `${code.toLowerCase()}-3f2a9c1e5b7d0846.cer`,
      fingerprint: FINGERPRINT,
    }),
    networkTemplate: async () =>
      write(
        null,
        ["Q1", "Q3"].map((code) => ({
          code,
          name: `Thư viện Quận ${code.slice(1)}`,
          kind: "sqlserver",
          address: `sql-${code.toLowerCase()}.example,1433`,
          database: `Site_TV_${code}`,
          tls: "system",
          sign_in: "sql",
        })),
      ),
  };
}

function tried(entry: SiteEntry, login: string | null, isRight: boolean): ConnectionTest {
  const result = (
    code: "name_not_found" | "answers" | "login_failed" | "fine",
    diagnosis: Pick<Diagnosis, "stage" | "finding">,
  ): ConnectionTest => {
    const isPlain = entry.kind === "sqlserver" && entry.tls === "off";
    return {
      fine: code === "answers" || code === "fine",
      message: said(code),
      warning: isPlain ? said("line_not_encrypted") : null,
      diagnosis:
        entry.kind === "embedded" ? null : { ...diagnosis, plain_text: isPlain, took_ms: 12 },
    };
  };
  if (entry.kind === "sqlserver" && entry.address.startsWith(NOWHERE)) {
    const { address: host } = entry;
    return result("name_not_found", {
      stage: "name",
      finding: { finding: "name_not_found", host },
    });
  }
  if (login === null) {
    return result("answers", { stage: "encryption", finding: { finding: "answers" } });
  }
  if (!isRight) {
    const finding = { finding: "login_failed", why: "wrong" } as const;
    return result("login_failed", { stage: "sign_in", finding });
  }
  const finding = {
    finding: "fine",
    server: "Microsoft SQL Server 2022",
    round_trip_ms: 2,
    clock_offset_ms: -40,
  } as const;
  return result("fine", { stage: "site", finding });
}

import { screen, waitFor, within } from "@testing-library/react";
import { describe, expect, it, vi } from "vitest";
import { speak } from "../i18n";
import { expectAccessible, openApp } from "../testing/app";

/** The keys of the screens of all sites, as the rail numbers them. */
const KEYS = { where: 1, transfers: 2, inDoubt: 3, rules: 5, figures: 6, sites: 7 } as const;

type App = Awaited<ReturnType<typeof openApp>>;

async function byManager(): Promise<App> {
  return openApp({ manager: true });
}

/** Lets sites answer one after the other, each when the function that it gives is called. */
function oneByOne(app: App) {
  const turns: (() => void)[] = [];
  app.world.turn = () => new Promise((go) => turns.push(go));
  return {
    next: async () => {
      await waitFor(() => expect(turns.length).toBeGreaterThan(0));
      turns.shift()?.();
    },
  };
}

async function seekTitle(app: App, text: string, name: RegExp) {
  await app.across(KEYS.where, "where-screen");
  await app.user.type(await screen.findByTestId("where-title"), text);
  await app.user.click(await screen.findByText(name));
  return screen.findByTestId("title-anywhere");
}

async function compose(app: App, ...codes: string[]) {
  await app.across(KEYS.transfers, "transfers-screen");
  await app.user.click(app.byId("transfer-compose"));
  await app.user.selectOptions(await screen.findByTestId("compose-to"), "Q3");
  for (const code of codes) {
    await app.user.click(app.byId("compose-barcode"));
    await app.scan(code);
  }
}

describe.each(["vi", "en"] as const)("in %s, axe finds nothing wrong with", (language) => {
  async function open() {
    speak(language);
    return byManager();
  }

  it("where a title is, with a site away", async () => {
    const app = await open();
    await app.desk.demoLine("Q3", true);
    await seekTitle(app, "so do", /Số đỏ/);
    await screen.findByTestId("absent-Q3");
    await expectAccessible();
  });

  it("where a copy is, and a patron's loans", async () => {
    const app = await open();
    await app.across(KEYS.where, "where-screen");
    await app.scan("Q1-000002");
    await screen.findByTestId("whereabouts");
    await expectAccessible();
    window.location.hash = "#/where?of=patron&key=DG0001&home=Q1";
    await screen.findByTestId("history");
    await expectAccessible();
  });

  it("a transfer that is composed, one that ran, and its pick list", async () => {
    const app = await open();
    await compose(app, "Q1-000001", "Q1-000002");
    await screen.findByTestId("compose-left-out");
    await expectAccessible();
    await app.user.click(app.byId("compose-move"));
    await screen.findByTestId("order-part");
    await expectAccessible();
    await app.user.click(app.byId("order-pick-list"));
    await screen.findByTestId("pick-list-print");
    await expectAccessible();
  });

  it("changes that wait, and one beside what stands", async () => {
    const app = await open();
    await refusedChange(app);
    await screen.findByTestId("compare");
    await expectAccessible();
  });

  it("what is in doubt, and the warning before it is forced", async () => {
    const app = await open();
    await app.desk.demoLine("Q3", true);
    await app.across(KEYS.inDoubt, "in-doubt-screen");
    await screen.findByTestId("in-doubt-unheard");
    await expectAccessible();
    await app.user.click(app.byId("txn-force-commit"));
    await screen.findByTestId("understood");
    await expectAccessible();
  });

  it("the rules and their forms", async () => {
    const app = await open();
    await app.across(KEYS.rules, "rules-screen");
    await screen.findAllByTestId("policy");
    await expectAccessible();
    for (const id of ["branch-add", "policy-add", "closed-add"]) {
      await app.user.click(app.byId(id));
      await screen.findByTestId("row-save");
      await expectAccessible();
      await app.user.keyboard("{Escape}");
      await waitFor(() => expect(screen.queryByTestId("row-save")).toBeNull());
    }
  });

  it("the figures", async () => {
    const app = await open();
    await app.across(KEYS.figures, "figures-screen");
    await screen.findByTestId("figure-most-lent");
    await expectAccessible();
  });

  it("the sites", async () => {
    const app = await open();
    await app.desk.demoLine("Q3", true);
    await app.across(KEYS.sites, "sites-screen");
    await waitFor(() => expect(app.byId("site-reach-Q3").dataset.state).toBe("absent"));
    await expectAccessible();
  });

  it("the books that arrive", async () => {
    speak(language);
    const app = await openApp();
    await app.go(7, "arriving-screen");
    await screen.findByTestId("arriving");
    await expectAccessible();
  });
});

describe("where a title is", () => {
  it("is told to librarians too, and what is no title is scanned at the desk", async () => {
    const app = await openApp();
    await app.go(8, "where-screen");
    expect(screen.queryByTestId("where-of")).toBeNull();
    await app.user.type(await screen.findByTestId("where-title"), "so do");
    await app.user.click(await screen.findByText(/Số đỏ/));
    await screen.findByTestId("holding-total");
    await app.scan("Q1-000008");
    await screen.findByTestId("desk-screen");
  });

  it("fills in as sites answer, and waits for no dead one", async () => {
    const app = await byManager();
    await app.desk.demoLine("Q3", true);
    const sites = oneByOne(app);
    await seekTitle(app, "so do", /Số đỏ/);
    const state = (branch: string) => app.byId(`site-answer-${branch}`).dataset.state;
    expect(state("Q1")).toBe("asked");
    await sites.next();
    await waitFor(() => expect(state("Q1")).toBe("answered"));
    expect(app.byId("holding-Q1").dataset.free).toBeDefined();
    expect(state("Q5")).toBe("asked");
    await sites.next();
    await waitFor(() => expect(state("Q3")).toBe("resting"));
    await sites.next();
    await waitFor(() => expect(state("Q5")).toBe("answered"));
    expect(app.byId("absent-Q3").textContent).toContain("Chi nhánh Quận 3");
    expect(app.byId("holding-total").textContent).toContain("Của các chi nhánh đã trả lời");
  });

  it("shows of the own branch what this desk knew, and when, while its site is away", async () => {
    const app = await byManager();
    await app.desk.demoLine("Q1", true);
    await seekTitle(app, "so do", /Số đỏ/);
    expect((await screen.findByTestId("holding-known")).textContent).toMatch(/\d\d:\d\d/);
  });
});

describe("a transfer", () => {
  it("names what stays, moves the rest, and shows each site as it goes", async () => {
    const app = await byManager();
    await compose(app, "Q1-000001", "Q1-000002", "Q1-000003");
    await waitFor(() => expect(screen.getAllByTestId("compose-going")).toHaveLength(2));
    expect(app.byId("compose-left-out").textContent).toContain("đang được mượn");
    const sites = oneByOne(app);
    await app.user.click(app.byId("compose-move"));
    await waitFor(() => expect(app.byId("step-Q3").dataset.step).toBe("asked"));
    expect(app.byId("order").dataset.running).toBe("true");
    await sites.next();
    await waitFor(() => expect(app.byId("step-Q3").dataset.step).toBe("committed"));
    await waitFor(() => expect(app.byId("order").dataset.moved).toBe("2"));
  });

  it("says why it stopped, and goes on when told", async () => {
    const app = await byManager();
    await app.desk.demoLine("Q3", true);
    await compose(app, "Q1-000001");
    await screen.findByTestId("compose-going");
    await app.user.click(app.byId("compose-move"));
    expect((await screen.findByTestId("order-trouble")).textContent).toContain("Chạy tiếp");
    await app.desk.demoLine("Q3", false);
    await app.user.click(app.byId("order-run"));
    await waitFor(() => expect(app.byId("order").dataset.moved).toBe("1"));
  });

  it("is read from a file, of which the lines without a barcode are shown", async () => {
    const app = await byManager();
    await compose(app);
    const file = new File(["Q1-000001\nmã vạch\nQ1-000003\n"], "sach.txt", { type: "text/plain" });
    await app.user.upload(screen.getByLabelText("Từ tệp"), file);
    await waitFor(() => expect(screen.getAllByTestId("compose-going")).toHaveLength(2));
    expect(app.byId("compose-unread").textContent).toContain("mã vạch");
  });
});

describe("books that arrive", () => {
  it("are scanned in, and one that is not expected is named", async () => {
    const app = await openApp();
    const receive = vi.spyOn(app.desk, "receiveCopies");
    await app.go(7, "arriving-screen");
    await waitFor(() => expect(app.byId("arriving-count").dataset.count).toBe("4"));
    await app.scan("Q3-000002");
    await screen.findByTestId("arriving-received");
    await waitFor(() => expect(app.byId("arriving-count").dataset.count).toBe("3"));
    await app.scan("Q1-000001");
    expect((await screen.findByTestId("arriving-left-out")).textContent).toContain("Q1-000001");
    expect(receive.mock.calls).toEqual([[["Q3-000002"]], [["Q1-000001"]]]);
  });
});

/** A title that somebody else changed while its form was open here. */
async function refusedChange(app: App) {
  await app.go(4, "titles-screen");
  const [first] = await screen.findAllByTestId("title-open");
  await app.user.click(first as HTMLElement);
  const name = await screen.findByTestId("title-name");
  const [title] = app.world.titles;
  app.world.titles = app.world.titles.map((one) =>
    one === title ? { ...one, publisher: "NXB Thế giới" } : one,
  );
  await app.user.clear(name);
  await app.user.type(name, "Đoạn trường tân thanh");
  await app.user.click(app.byId("title-save"));
}

describe("a title", () => {
  it("is changed at all sites against what was seen", async () => {
    const app = await byManager();
    const submit = vi.spyOn(app.desk, "catalogueChange");
    await app.go(4, "titles-screen");
    await app.user.type(app.byId("title-search"), "tat den");
    await app.user.click(await screen.findByTestId("title-open"));
    const author = await screen.findByTestId("title-author");
    await app.user.clear(author);
    await app.user.type(author, "Ngô Tất Tố (1937)");
    const seen = app.world.titles.find((title) => title.name === "Tắt đèn");
    await app.user.click(app.byId("title-save"));
    await screen.findByTestId("change-done");
    const title = { ...seen, author: "Ngô Tất Tố (1937)" };
    expect(submit).toHaveBeenCalledWith([{ change: "put_title", title, seen }]);
  });

  it("waits while a site is away, says for whom, and is done when it is tried again", async () => {
    const app = await byManager();
    await app.desk.demoLine("Q3", true);
    await app.go(4, "titles-screen");
    await app.user.click(app.byId("title-add"));
    await app.user.type(await screen.findByTestId("title-key"), "978-604-2-1");
    await app.user.type(app.byId("title-name"), "Chí Phèo");
    await app.user.click(app.byId("title-save"));
    expect((await screen.findByTestId("change-waiting")).textContent).toContain("Q3");
    await app.user.click(await screen.findByText("Xem"));
    expect((await screen.findByTestId("change-message")).textContent).toContain("Q3");
    await app.desk.demoLine("Q3", false);
    await app.user.click(app.byId("change-retry"));
    await waitFor(() => expect(screen.queryByTestId("change")).toBeNull());
  });

  it("that was changed meanwhile is shown beside what was seen, and written only on demand", async () => {
    const app = await byManager();
    await refusedChange(app);
    const table = await screen.findByTestId("compare");
    expect(within(table).getByText("NXB Thế giới")).toBeTruthy();
    expect(within(table).getByText("Đoạn trường tân thanh")).toBeTruthy();
    await app.user.click(app.byId("compare-again"));
    await waitFor(() =>
      expect(app.world.titles.some(({ name }) => name === "Đoạn trường tân thanh")).toBe(true),
    );
  });

  it("comes from a file with others: compared first, then brought, with how far it came", async () => {
    const app = await byManager();
    const bring = vi.spyOn(app.desk, "titlesImport");
    await app.go(4, "titles-screen");
    await app.user.click(await screen.findByTestId("title-import"));
    await app.user.type(await screen.findByTestId("import-file"), "sach.mrc{Enter}");
    expect((await screen.findByTestId("import-found")).textContent).toContain("1.204");
    await expectAccessible();
    await app.user.click(app.byId("import-begin"));
    await waitFor(() => expect(app.byId("import-progress").dataset.done).toBe("1180"));
    expect(bring.mock.calls).toEqual([
      ["sach.mrc", "keep", true],
      ["sach.mrc", "keep", false],
    ]);
  });

  it("is removed only after being asked", async () => {
    const app = await byManager();
    const submit = vi.spyOn(app.desk, "catalogueChange");
    await app.go(4, "titles-screen");
    const [first] = await screen.findAllByTestId("title-open");
    await app.user.click(first as HTMLElement);
    await app.user.click(await screen.findByTestId("title-remove"));
    expect(submit).not.toHaveBeenCalled();
    await app.user.click(await screen.findByTestId("confirm"));
    await waitFor(() => expect(submit.mock.calls[0]?.[0][0]?.change).toBe("remove_title"));
  });
});

describe("rules", () => {
  it("change at all sites: a branch begins away, a closed day is added against nothing seen", async () => {
    const app = await byManager();
    const submit = vi.spyOn(app.desk, "catalogueChange");
    await app.across(KEYS.rules, "rules-screen");
    await app.user.click(await screen.findByTestId("branch-add"));
    await app.user.type(await screen.findByTestId("branch-code"), "Q7");
    await app.user.type(app.byId("branch-name"), "Chi nhánh Quận 7");
    await app.user.click(app.byId("row-save"));
    await screen.findByTestId("branch-Q7");
    await app.user.click(app.byId("closed-add"));
    await app.user.type(await screen.findByTestId("closed-date"), "30/04/2027");
    await app.user.type(app.byId("closed-note"), "Ngày Thống nhất{Enter}");
    await waitFor(() => expect(screen.getAllByTestId("closed-day")).toHaveLength(3));
    expect(submit.mock.calls.map(([changes]) => changes[0])).toEqual([
      {
        change: "put_branch",
        branch: { code: "Q7", name: "Chi nhánh Quận 7", address: "", standing: "away" },
        seen: null,
      },
      {
        change: "put_closed_day",
        closed: { branch: null, date: "2027-04-30", note: "Ngày Thống nhất" },
        seen: null,
      },
    ]);
  });
});

describe("the sites", () => {
  it("are compared, what differs is shown side by side, and made alike", async () => {
    const app = await byManager();
    const repair = vi.spyOn(app.desk, "replicaRepair");
    await app.across(KEYS.sites, "sites-screen");
    await app.user.click(await screen.findByTestId("audit-run"));
    const row = await screen.findByTestId("differing-row");
    expect(within(row).getByText("NXB Thế giới")).toBeTruthy();
    expect(app.byId("custody").textContent).toContain("Q001");
    await expectAccessible();
    await app.user.selectOptions(app.byId("repair-like"), "Q3");
    await app.user.click(app.byId("repair-row"));
    await waitFor(() => expect(screen.queryByTestId("differing-row")).toBeNull());
    const [title] = app.world.titles;
    expect(repair).toHaveBeenCalledWith([
      { resource: { kind: "title", key: title?.key }, like: "Q3" },
    ]);
  });

  it("are set away only after being asked, and brought back filled and compared", async () => {
    const app = await byManager();
    const submit = vi.spyOn(app.desk, "catalogueChange");
    await app.across(KEYS.sites, "sites-screen");
    await app.user.click(await screen.findByTestId("set-away-Q3"));
    expect(submit).not.toHaveBeenCalled();
    await app.user.click(await screen.findByTestId("confirm"));
    await app.user.click(await screen.findByTestId("fill-Q3"));
    expect(await screen.findByTestId("activate-run")).toHaveProperty("disabled", true);
    await expectAccessible();
    await app.user.click(app.byId("fill-run"));
    await screen.findByTestId("filled");
    await app.user.click(app.byId("activate-run"));
    await screen.findByTestId("activated");
  });

  it("that were restored are told what they missed", async () => {
    const app = await byManager();
    const readmit = vi.spyOn(app.desk, "siteReadmit");
    await app.across(KEYS.sites, "sites-screen");
    await app.user.click(await screen.findByTestId("readmit-Q5"));
    await waitFor(() => expect(readmit).toHaveBeenCalledWith("Q5"));
  });
});

describe("what is in doubt", () => {
  it("says what each site has of it, and is resolved", async () => {
    const app = await byManager();
    await app.across(KEYS.inDoubt, "in-doubt-screen");
    await screen.findByTestId("transaction");
    expect(app.byId("share-Q1").dataset.state).toBe("prepared");
    expect(screen.queryByTestId("txn-force-commit")).toBeNull();
    await app.user.click(app.byId("txn-resolve"));
    await screen.findByTestId("settled-commit");
    await waitFor(() => expect(screen.queryByTestId("transaction")).toBeNull());
  });

  it("is forced only behind a warning that is said back, then recorded, then forgotten", async () => {
    const app = await byManager();
    const force = vi.spyOn(app.desk, "transactionForce");
    await app.desk.demoLine("Q3", true);
    await app.across(KEYS.inDoubt, "in-doubt-screen");
    await app.user.click(await screen.findByTestId("txn-force-abort"));
    const confirm = await screen.findByTestId("confirm");
    expect(confirm).toHaveProperty("disabled", true);
    await app.user.click(app.byId("understood"));
    await app.user.click(confirm);
    await screen.findByTestId("forced");
    expect(force).toHaveBeenCalledWith("0190-in-doubt", "abort", null);
    await waitFor(() => expect(app.byId("share-Q1").dataset.state).toBe("forced_abort"));
    await app.user.click(app.byId("txn-forget"));
    await screen.findByTestId("forgotten");
  });
});

describe("a librarian", () => {
  it("sees neither the screens of all sites nor how titles are changed", async () => {
    const app = await openApp();
    expect(screen.queryByTestId("nav-transfers")).toBeNull();
    await app.go(4, "titles-screen");
    await screen.findByTestId("titles");
    expect(screen.queryByTestId("title-add")).toBeNull();
    expect(screen.queryByTestId("title-open")).toBeNull();
  });
});

describe("the figures", () => {
  it("are counted over the period that was asked for, and say which sites they lack", async () => {
    const app = await byManager();
    await app.desk.demoLine("Q5", true);
    const count = vi.spyOn(app.desk, "statistics");
    await app.across(KEYS.figures, "figures-screen");
    await screen.findByTestId("figure-loans");
    expect(screen.getAllByTestId("partial")[0]?.textContent).toContain("Chi nhánh Quận 5");
    const from = app.byId("figures-from");
    await app.user.clear(from);
    await app.user.type(from, "01/01/2026");
    const to = app.byId("figures-to");
    await app.user.clear(to);
    await app.user.type(to, "31/03/2026");
    await app.user.click(screen.getByLabelText("theo tháng"));
    await app.user.click(app.byId("figures-count"));
    await waitFor(() =>
      expect(count.mock.lastCall?.slice(0, 3)).toEqual(["2026-01-01", "2026-03-31", "month"]),
    );
    expect(await screen.findAllByRole("rowheader", { name: "01/2026" })).toHaveLength(2);
  });
});

import { screen, waitFor } from "@testing-library/react";
import { describe, expect, it, vi } from "vitest";
import { speak } from "../i18n";
import { expectAccessible, openApp } from "../testing/app";

/** The keys of the screens of all sites, as the rail numbers them. */
const KEYS = { transfers: 1, inDoubt: 2 } as const;

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

  it("the books that arrive", async () => {
    speak(language);
    const app = await openApp();
    await app.go(7, "arriving-screen");
    await screen.findByTestId("arriving");
    await expectAccessible();
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
  it("sees none of the screens of all sites", async () => {
    await openApp();
    expect(screen.queryByTestId("nav-in-doubt")).toBeNull();
  });
});

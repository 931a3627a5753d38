import { screen, waitFor } from "@testing-library/react";
import { describe, expect, it, vi } from "vitest";
import { speak } from "../i18n";
import { expectAccessible, openApp } from "../testing/app";

/** The keys of the screens of all sites, as the rail numbers them. */
const KEYS = { inDoubt: 1 } as const;

type App = Awaited<ReturnType<typeof openApp>>;

async function byManager(): Promise<App> {
  return openApp({ manager: true });
}

describe.each(["vi", "en"] as const)("in %s, axe finds nothing wrong with", (language) => {
  async function open() {
    speak(language);
    return byManager();
  }

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

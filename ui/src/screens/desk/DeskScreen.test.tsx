import { fireEvent, screen, waitFor, within } from "@testing-library/react";
import { describe, expect, it, vi } from "vitest";
import { openApp } from "../../testing/app";

describe("the desk by keyboard", () => {
  it("lends a book: sign in, card, book", async () => {
    const app = await openApp({ signedIn: false });
    await waitFor(() => expect(app.byId("sign-in-login")).toHaveProperty("value", ""));
    app.byId("sign-in-login").focus();
    await app.user.keyboard(`lan{Tab}${app.password}{Enter}`);
    await screen.findByTestId("desk-screen");
    expect(document.activeElement).toBe(app.byId("scan-box"));

    await app.scan("DG0005");
    await app.outcome("patron");
    expect(app.byId("patron-name").textContent).toBe("Phạm Gia Bảo");

    await app.scan("Q1-000001");
    await app.outcome("done");
    expect(app.byId("outcome").textContent).toContain("Truyện Kiều");
    expect(app.byId("patron-loans").dataset.count).toBe("1");
    expect(app.world.copies.find((copy) => copy.barcode === "Q1-000001")?.state).toBe("on_loan");
  });

  it("ends a scan with Tab too", async () => {
    const app = await openApp();
    await app.user.keyboard("DG0005{Tab}");
    await app.outcome("patron");
    expect(document.activeElement).toBe(app.byId("scan-box"));
  });

  it("writes down what is lent while the site is away, and says so", async () => {
    const app = await openApp();
    await app.desk.demoLine("Q1", true);
    await waitFor(() => expect(app.byId("site-state").dataset.state).toBe("unreachable"));
    await app.scan("DG0005");
    await app.scan("Q1-000001");
    await app.outcome("queued");
    await waitFor(() => expect(app.byId("queue-count").dataset.count).toBe("1"));
    await app.desk.demoLine("Q1", false);
    await waitFor(() => expect(app.byId("queue-count").dataset.count).toBe("0"));
    expect(app.byId("site-state").dataset.state).toBe("reachable");
  });

  it("goes on typing while a scan is answered, and loses none of them", async () => {
    const app = await openApp();
    let open = () => {};
    app.desk.fake.holdUntil(
      new Promise((resolve) => {
        open = resolve;
      }),
    );
    for (const code of ["DG0005", "Q1-000001", "Q1-000003", "Q1-000004"]) {
      await app.scan(code);
    }
    expect(app.byId("scans-waiting").dataset.count).toBe("4");
    await app.user.keyboard("half");
    open();
    await waitFor(() => expect(screen.queryByTestId("scans-waiting")).toBeNull());
    const kinds = screen.getAllByTestId("scan").map((scan) => scan.dataset.kind);
    expect(kinds).toEqual(["done", "done", "done", "patron"]);
    expect(app.byId("patron-loans").dataset.count).toBe("3");
    expect(app.byId("scan-box")).toHaveProperty("value", "half");
  });

  it("overrides with F9 what the policy lets it, after showing why", async () => {
    const app = await openApp();
    await app.scan("DG0001");
    await app.outcome("warned");
    await app.scan("Q1-000006");
    await app.outcome("question");
    expect(app.byId("outcome").textContent).toContain("quá hạn");
    await app.user.keyboard("{F9}");
    await app.outcome("done");
  });

  it("does not override with F9 what must not be", async () => {
    const app = await openApp();
    await app.scan("DG0005");
    await app.scan("Q1-000007");
    await app.outcome("refused");
    await app.user.keyboard("{F9}");
    expect(screen.getAllByTestId("scan")).toHaveLength(2);
    expect(screen.queryByTestId("override")).toBeNull();
  });

  it("undoes the last scan with Ctrl+Z and Enter, and leaves it with Escape", async () => {
    const app = await openApp();
    await app.scan("DG0005");
    await app.scan("Q1-000001");
    await app.outcome("done");
    await app.user.keyboard("{Control>}z{/Control}");
    await app.outcome("question");
    await app.user.keyboard("{Escape}");
    await app.outcome("done");
    expect(app.byId("patron-name").textContent).toBe("Phạm Gia Bảo");
    await app.user.keyboard("{Control>}z{/Control}{Enter}");
    await app.outcome("undone");
    expect(app.byId("patron-loans").dataset.count).toBe("0");
  });

  it("clears what is typed, then the reader, with Escape", async () => {
    const app = await openApp();
    await app.scan("DG0005");
    await app.outcome("patron");
    await app.user.keyboard("Q1{Escape}");
    expect(app.byId("scan-box")).toHaveProperty("value", "");
    expect(app.byId("patron-name").textContent).toBe("Phạm Gia Bảo");
    await app.user.keyboard("{Escape}");
    expect(screen.queryByTestId("patron-name")).toBeNull();
  });

  it("takes back a book with another day, until the mode changes", async () => {
    const app = await openApp();
    const scan = vi.spyOn(app.desk, "scan");
    await app.user.keyboard("{F3}{F6}");
    await app.user.type(await screen.findByTestId("returned-on-day"), "20/11/2025{Enter}");
    await waitFor(() => expect(app.byId("returned-on").textContent).toContain("20/11/2025"));
    await app.scan("Q1-000011");
    await app.outcome("done");
    expect(scan.mock.calls[0]?.[0]).toMatchObject({ mode: "return", returned_on: "2025-11-20" });
    await app.user.keyboard("{F2}{F3}");
    expect(app.byId("returned-on").textContent).not.toContain("20/11/2025");
  });

  it("keeps what was typed and scanned when another screen was looked at", async () => {
    const app = await openApp();
    await app.scan("DG0005");
    await app.outcome("patron");
    await app.user.keyboard("Q1-0");
    await app.go(4, "titles-screen");
    await app.go(1, "desk-screen");
    expect(app.byId("scan-box")).toHaveProperty("value", "Q1-0");
    expect(app.byId("patron-name").textContent).toBe("Phạm Gia Bảo");
  });

  it("remembers that the sound was switched off", async () => {
    const app = await openApp();
    await app.user.keyboard("{F8}");
    expect(localStorage.getItem("lienthu.muted")).toBe("yes");
    expect(app.byId("mute").textContent).toContain("Âm thanh: tắt");
  });
});

describe("the scanner", () => {
  it("finds the scan box from a button that has the focus", async () => {
    const app = await openApp();
    app.byId("mode-return").focus();
    await app.scan("DG0005");
    await app.outcome("patron");
    expect(app.byId("mode-lend").getAttribute("aria-pressed")).toBe("true");
  });

  it("finds the scan box after a click anywhere", async () => {
    const app = await openApp();
    await app.user.click(app.byId("outcome"));
    expect(document.activeElement).toBe(app.byId("scan-box"));
  });

  it("ends a scan that an input method still holds, with the letters that arrive last", async () => {
    const app = await openApp();
    const scan = vi.spyOn(app.desk, "scan");
    const box = app.byId("scan-box") as HTMLInputElement;
    fireEvent.compositionStart(box);
    fireEvent.change(box, { target: { value: "đ" } });
    fireEvent.keyDown(box, { key: "Enter", isComposing: true });
    expect(scan).not.toHaveBeenCalled();
    box.value = "đ0005";
    fireEvent.compositionEnd(box);
    await waitFor(() => expect(scan).toHaveBeenCalledTimes(1));
    expect(scan.mock.calls[0]?.[0].text).toBe("đ0005");
  });

  it("scanning on a screen without a use for it goes to the desk", async () => {
    const app = await openApp();
    await app.go(3, "queue-screen");
    await app.scan("DG0005");
    await app.outcome("patron");
  });

  it("scanning a card among the patrons opens the patron", async () => {
    const app = await openApp();
    await app.go(5, "patrons-screen");
    await app.scan("DG0002");
    const file = await screen.findByTestId("patron-file");
    expect(within(file).getByTestId("patron-file-name").textContent).toBe("Trần Quốc Đạt");
  });

  it("scanning into a form changes nothing there and sends nothing", async () => {
    const app = await openApp();
    const save = vi.spyOn(app.desk, "patronSave");
    await app.go(5, "patrons-screen");
    await app.scan("DG0002");
    await app.user.click(await screen.findByTestId("patron-edit"));
    const name = await screen.findByTestId("patron-name-field");
    await app.user.click(name);
    await app.scan("Q1-000001");
    expect(await screen.findByTestId("held-scan")).toBeTruthy();
    expect(name).toHaveProperty("value", "Trần Quốc Đạt");
    expect(save).not.toHaveBeenCalled();
  });
});

import { screen, waitFor } from "@testing-library/react";
import { describe, expect, it, vi } from "vitest";
import { formatDay } from "../format";
import { speak } from "../i18n";
import { expectAccessible, openApp } from "../testing/app";
import { extended } from "./patrons/PatronFilePanel";

describe.each(["vi", "en"] as const)("in %s, axe finds nothing wrong with", (language) => {
  async function open(how?: Parameters<typeof openApp>[0]) {
    speak(language);
    return openApp(how);
  }

  it("the first run", async () => {
    await open({ enrolled: false });
    await screen.findByTestId("enrol-screen");
    await expectAccessible();
  });

  it("signing in, with the site away", async () => {
    const app = await open({ signedIn: false });
    await app.desk.demoLine("Q1", true);
    await screen.findByTestId("sign-in-offline");
    await expectAccessible();
  });

  it("the desk, before and after scans", async () => {
    const app = await open();
    await expectAccessible();
    await app.scan("DG0001");
    await app.scan("Q1-000006");
    await app.outcome("question");
    await expectAccessible();
  });

  it("the review list", async () => {
    const app = await open();
    await app.go(2, "review-screen");
    expect(await screen.findAllByTestId("review-item")).toHaveLength(2);
    await expectAccessible();
  });

  it("the queue", async () => {
    const app = await open();
    await app.scan("DG0005");
    await app.scan("Q1-000001");
    await app.go(3, "queue-screen");
    await app.user.click(
      screen.getByLabelText(language === "vi" ? "Tất cả còn lưu" : "All that are kept"),
    );
    await waitFor(() => expect(screen.getAllByRole("row").length).toBeGreaterThan(2));
    await expectAccessible();
  });

  it("the titles", async () => {
    const app = await open();
    await app.go(4, "titles-screen");
    await waitFor(() => expect(screen.getAllByRole("row").length).toBeGreaterThan(2));
    await expectAccessible();
  });

  it("a patron and their form", async () => {
    const app = await open();
    await app.go(5, "patrons-screen");
    await app.scan("DG0004");
    await app.user.click(await screen.findByTestId("patron-edit"));
    await screen.findByTestId("patron-save");
    await expectAccessible();
  });

  it("a copy and the form for new ones", async () => {
    const app = await open();
    await app.go(6, "copies-screen");
    await app.scan("Q1-000008");
    await screen.findByTestId("copy-file");
    await app.user.click(app.byId("copies-add"));
    await screen.findByTestId("copies-barcodes");
    await expectAccessible();
  });
});

describe("the first run", () => {
  it("enrols the desk for a branch and a name", async () => {
    const app = await openApp({ enrolled: false });
    const enrol = vi.spyOn(app.desk, "enrol");
    await app.user.selectOptions(await screen.findByTestId("enrol-branch"), "Q3");
    await app.user.type(app.byId("enrol-name"), "Quầy 2{Enter}");
    await screen.findByTestId("sign-in-screen");
    expect(enrol).toHaveBeenCalledWith("Q3", "Quầy 2");
  });

  it("says what is missing", async () => {
    const app = await openApp({ enrolled: false });
    await app.user.click(await screen.findByTestId("enrol-submit"));
    expect(await screen.findByText("Chọn chi nhánh đặt quầy này.")).toBeTruthy();
  });
});

describe("signing in", () => {
  it("says what the desk says, and keeps the login", async () => {
    const app = await openApp({ signedIn: false });
    await app.user.type(app.byId("sign-in-login"), "lan");
    await app.user.type(app.byId("sign-in-password"), "sai{Enter}");
    expect((await screen.findByTestId("error")).textContent).toContain("Sai tên hoặc mật khẩu");
    expect(app.byId("sign-in-login")).toHaveProperty("value", "lan");
    expect(app.byId("sign-in-password")).toHaveProperty("value", "");
  });

  it("notices that an input method is on", async () => {
    const app = await openApp({ signedIn: false });
    await app.user.type(app.byId("sign-in-password"), "mậtkhẩu");
    expect(await screen.findByTestId("input-method")).toBeTruthy();
  });

  it("shows the next person nothing of the last one's readers, and the desk first", async () => {
    const app = await openApp();
    await app.scan("DG0005");
    await app.outcome("patron");
    await app.go(5, "patrons-screen");
    await app.user.click(app.byId("sign-out"));
    await app.user.type(await screen.findByTestId("sign-in-login"), "hoa");
    await app.user.type(app.byId("sign-in-password"), `${app.password}{Enter}`);
    await screen.findByTestId("desk-screen");
    expect(screen.queryByTestId("patron-name")).toBeNull();
    expect(screen.queryAllByTestId("scan")).toHaveLength(0);
  });
});

describe("the status bar", () => {
  it("tells a site that drains, and a queue that waits for someone to sign in", async () => {
    const app = await openApp();
    app.desk.fake.change({ site: { state: "draining", sent: 1_200, total: 3_000 } });
    await waitFor(() => expect(app.byId("site-state").textContent).toBe("Đang gửi: 1.200 / 3.000"));
    app.desk.fake.change({ site: { state: "reachable" }, waiting_for_sign_in: true });
    await waitFor(() => expect(app.byId("site-state").dataset.state).toBe("waiting_for_sign_in"));
    expect(app.byId("site-state").textContent).toBe("Chờ thủ thư đăng nhập");
  });

  it("changes the language on the spot", async () => {
    const app = await openApp();
    await app.user.click(screen.getByLabelText("EN"));
    await waitFor(() => expect(app.byId("site-state").textContent).toBe("Site reachable"));
    expect(document.documentElement.lang).toBe("en");
  });
});

describe("the review list", () => {
  it("settles with a day, confirms, and empties", async () => {
    const app = await openApp();
    const settle = vi.spyOn(app.desk, "reviewSettle");
    await app.go(2, "review-screen");
    await app.user.type(await screen.findByTestId("review-day"), "20/11/2025{Enter}");
    await waitFor(() => expect(screen.getAllByTestId("review-item")).toHaveLength(1));
    await app.user.click(app.byId("review-confirm"));
    await waitFor(() => expect(screen.queryAllByTestId("review-item")).toHaveLength(0));
    expect(settle.mock.calls.map((call) => call[3])).toEqual([
      { kind: "returned_on", date: "2025-11-20" },
      { kind: "confirmed" },
    ]);
  });

  it("undoes only after asking", async () => {
    const app = await openApp();
    const undo = vi.spyOn(app.desk, "reviewUndo");
    await app.go(2, "review-screen");
    const [first] = await screen.findAllByTestId("review-undo");
    await app.user.click(first as HTMLElement);
    expect(undo).not.toHaveBeenCalled();
    await app.user.click(await screen.findByTestId("confirm"));
    await waitFor(() => expect(undo).toHaveBeenCalledTimes(1));
  });
});

describe("the queue", () => {
  it("shows why an event was set aside, and puts it back", async () => {
    const app = await openApp();
    await app.go(3, "queue-screen");
    await app.user.click(await screen.findByLabelText("Để riêng (1)"));
    await app.user.click(await screen.findByTestId("queue-retry"));
    await waitFor(() => expect(app.byId("queue-count").dataset.count).toBe("1"));
    expect(screen.queryByTestId("set-aside-count")).toBeNull();
  });
});

describe("a patron", () => {
  it("is changed only as far as was typed, against what was seen", async () => {
    const app = await openApp();
    const save = vi.spyOn(app.desk, "patronSave");
    const before = app.world.patrons.find((patron) => patron.code === "DG0002");
    await app.go(5, "patrons-screen");
    await app.scan("DG0002");
    await app.user.click(await screen.findByTestId("patron-edit"));
    const name = await screen.findByTestId("patron-name-field");
    await app.user.clear(name);
    await app.user.type(name, "Trần Quốc Đạt Anh");
    await app.user.click(app.byId("patron-save"));
    await waitFor(() => expect(save).toHaveBeenCalledTimes(1));
    const expected = { patron: { ...before, name: "Trần Quốc Đạt Anh" }, seen: before };
    expect(save.mock.calls[0]?.[0]).toEqual(expected);
  });

  it("has a loan renewed without the book at hand", async () => {
    const app = await openApp();
    const renew = vi.spyOn(app.desk, "renew");
    await app.go(5, "patrons-screen");
    await app.scan("DG0002");
    await app.user.click(await screen.findByTestId("loan-renew"));
    await waitFor(() => expect(renew).toHaveBeenCalledWith("Q1-000011", false));
    const due = app.world.loans.find((loan) => loan.copy === "Q1-000011")?.due ?? "";
    expect(await screen.findByText(formatDay(due))).toBeTruthy();
  });

  it("is extended by a year from the card's end, or from today when it has ended", () => {
    expect(extended("2027-03-01", "2026-11-22")).toBe("2028-03-01");
    expect(extended("2026-01-01", "2026-11-22")).toBe("2027-11-22");
    expect(extended("2028-02-29", "2026-11-22")).toBe("2029-02-28");
  });
});

describe("copies", () => {
  it("are added by scanning one label after another", async () => {
    const app = await openApp();
    const add = vi.spyOn(app.desk, "copiesAdd");
    await app.go(6, "copies-screen");
    await app.user.click(app.byId("copies-add"));
    await app.user.type(await screen.findByTestId("copies-title"), "Tuổi thơ");
    await app.user.click(await screen.findByText(/Cho tôi xin một vé đi tuổi thơ/));
    await app.user.click(app.byId("copies-barcodes"));
    await app.scan("Q1-900001");
    await app.scan("Q1-900002");
    await app.user.click(app.byId("copies-save"));
    await waitFor(() => expect(add).toHaveBeenCalledTimes(1));
    expect(add.mock.calls[0]?.[0].map((copy) => copy.barcode)).toEqual(["Q1-900001", "Q1-900002"]);
  });
});

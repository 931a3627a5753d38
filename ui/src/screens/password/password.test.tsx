import { screen, waitFor } from "@testing-library/react";
import { describe, expect, it, vi } from "vitest";
import { speak } from "../../i18n";
import { FAKE_POLICY_REFUSES } from "../../platform/fake/desk";
import { expectAccessible, openApp } from "../../testing/app";

const NEXT = "mật khẩu mới";

async function opened() {
  const app = await openApp();
  await app.user.click(app.byId("change-password"));
  await screen.findByTestId("password-form");
  await waitFor(() => expect(document.activeElement).toBe(app.byId("password-old")));
  const change = vi.spyOn(app.desk, "passwordChange");
  const type = async (old: string, next: string, again = next) => {
    for (const [id, text] of [
      ["password-old", old],
      ["password-new", next],
      ["password-again", again],
    ] as const) {
      await app.user.clear(app.byId(id));
      await app.user.type(app.byId(id), text);
    }
    await app.user.keyboard("{Enter}");
  };
  return { app, change, type };
}

describe("changing one's own password", () => {
  it.each(["vi", "en"] as const)("is accessible in %s", async (language) => {
    speak(language);
    await opened();
    await expectAccessible();
  });

  it("goes to the site, and says what holds at other desks", async () => {
    const { app, change, type } = await opened();
    await type(app.password, NEXT);
    await screen.findByTestId("password-changed");
    expect(change).toHaveBeenCalledWith(app.password, NEXT);
    await app.user.keyboard("{Enter}");
    await waitFor(() => expect(screen.queryByTestId("password-changed")).toBeNull());
  });

  it("says at the field what the site refuses, and goes there", async () => {
    const { app, type } = await opened();
    await type("sai mật khẩu", NEXT);
    await screen.findByText(/Mật khẩu cũ không đúng/);
    await waitFor(() => expect(document.activeElement).toBe(app.byId("password-old")));
    await type(app.password, FAKE_POLICY_REFUSES);
    await screen.findByText(/Máy chủ không nhận mật khẩu này/);
    await waitFor(() => expect(document.activeElement).toBe(app.byId("password-new")));
  });

  it("asks nobody where it is too short or not typed the same twice", async () => {
    const { app, change, type } = await opened();
    await type(app.password, "đđđđđđđ");
    await screen.findByText("Đặt từ 8 đến 128 ký tự.");
    await type(app.password, NEXT, `${NEXT}x`);
    await screen.findByText("Hai lần gõ chưa giống nhau.");
    expect(change).not.toHaveBeenCalled();
  });

  it("says that it needs the site", async () => {
    const { app, type } = await opened();
    await app.desk.demoLine("Q1", true);
    await screen.findByTestId("password-needs-site");
    await type(app.password, NEXT);
    expect((await screen.findByTestId("error")).textContent).toContain("cần liên lạc được");
  });
});

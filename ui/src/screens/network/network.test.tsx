import { screen, waitFor, within } from "@testing-library/react";
import { describe, expect, it, vi } from "vitest";
import { speak } from "../../i18n";
import { FAKE_MANAGER } from "../../platform/fake/desk";
import { expectAccessible, openApp } from "../../testing/app";
import { entryOf, fieldsOf, isAddress } from "./fields";

type App = Awaited<ReturnType<typeof openApp>>;

/** The first start on a computer: no network file, no desk. */
async function firstStart() {
  const app = await openApp({ first: true });
  await screen.findByTestId("network-screen");
  return app;
}

async function byManager() {
  const app = await openApp({ signedIn: false });
  await app.user.type(app.byId("sign-in-login"), FAKE_MANAGER);
  await app.user.type(app.byId("sign-in-password"), `${app.password}{Enter}`);
  await screen.findByTestId("desk-screen");
  await app.user.click(app.byId("nav-network"));
  await screen.findByTestId("network-screen");
  await screen.findByTestId("network-sites");
  return app;
}

async function opened(app: App, code: string) {
  await app.user.click(await screen.findByTestId(`network-open-${code}`));
  return screen.findByTestId("network-form");
}

describe.each(["vi", "en"] as const)("in %s, axe finds nothing wrong with", (language) => {
  it("the network before there is one", async () => {
    speak(language);
    await firstStart();
    await screen.findByTestId("network-template");
    await expectAccessible();
  });

  it("the list, and the form of a site that was tried", async () => {
    speak(language);
    const app = await byManager();
    await expectAccessible();
    await opened(app, "Q3");
    await app.user.click(app.byId("network-test"));
    await screen.findByTestId("network-found");
    await expectAccessible();
  });
});

describe("the first start", () => {
  it("goes from nothing to a desk by keyboard alone", async () => {
    const app = await firstStart();
    const add = vi.spyOn(app.desk, "networkAdd");
    await waitFor(() => expect(document.activeElement).toBe(app.byId("network-template")));
    await app.user.keyboard("{Enter}");
    await screen.findByTestId("network-sites");
    app.byId("network-add").focus();
    await app.user.keyboard("{Enter}");
    await screen.findByTestId("network-form");
    await waitFor(() => expect(document.activeElement).toBe(app.byId("network-code")));
    await app.user.keyboard("Q5{Tab}Thư viện Quận 5{Tab}{Tab}10.0.5.9,1433{Tab}Site_TV_Q5{Enter}");
    await waitFor(() => expect(screen.queryByTestId("network-form")).toBeNull());
    expect(add.mock.calls[0]).toEqual([
      expect.any(String),
      {
        code: "Q5",
        name: "Thư viện Quận 5",
        kind: "sqlserver",
        address: "10.0.5.9,1433",
        database: "Site_TV_Q5",
        tls: "system",
        sign_in: "sql",
      },
    ]);
    await app.user.click(app.byId("network-leave"));
    await app.user.selectOptions(await screen.findByTestId("enrol-branch"), "Q5");
  });

  it("gives the focus back to what opened a sheet that is closed", async () => {
    const app = await firstStart();
    await app.user.click(await screen.findByTestId("network-template"));
    (await screen.findByTestId("network-add")).focus();
    for (let time = 0; time < 2; time += 1) {
      await app.user.keyboard("{Enter}");
      await waitFor(() => expect(document.activeElement).toBe(app.byId("network-code")));
      await app.user.keyboard("{Escape}");
      await waitFor(() => expect(screen.queryByTestId("network-form")).toBeNull());
      await waitFor(() => expect(document.activeElement).toBe(app.byId("network-add")));
    }
  });

  it("shows a file that cannot be read, which is mended elsewhere", async () => {
    const app = await openApp({ first: true });
    app.world.network.trouble = {
      code: "network_wrong",
      vi: "Dòng 3 sai.",
      en: "Line 3 is wrong.",
    };
    await app.user.click(await screen.findByTestId("network-reread"));
    await waitFor(() => expect(app.byId("network-trouble").textContent).toContain("Dòng 3 sai."));
    expect(screen.queryByTestId("network-add")).toBeNull();
    expect(screen.queryByTestId("network-template")).toBeNull();
  });
});

describe("whoever may not change the network", () => {
  it("looks at it before signing in, tries a connection, and goes back", async () => {
    const app = await openApp({ signedIn: false });
    await app.user.click(app.byId("open-network"));
    await screen.findByTestId("network-read-only");
    expect(screen.queryByTestId("network-add")).toBeNull();
    await opened(app, "Q1");
    expect(screen.queryByTestId("network-save")).toBeNull();
    expect(app.byId("network-address")).toHaveProperty("disabled", false);
    expect((app.byId("network-address") as HTMLInputElement).matches(":disabled")).toBe(true);
    await app.user.click(app.byId("network-test"));
    expect((await screen.findByTestId("network-found")).dataset.code).toBe("answers");
    await app.user.keyboard("{Escape}");
    await app.user.click(app.byId("network-leave"));
    await screen.findByTestId("sign-in-screen");
  });

  it("has no way to it in the rail", async () => {
    await openApp();
    expect(screen.queryByTestId("nav-network")).toBeNull();
  });
});

describe("a manager", () => {
  it("tries what is typed before it is saved, and sees how far it came", async () => {
    const app = await byManager();
    const test = vi.spyOn(app.desk, "networkTest");
    await opened(app, "Q1");
    const address = app.byId("network-address");
    await app.user.clear(address);
    await app.user.type(address, "nowhere.local");
    await app.user.click(app.byId("network-test"));
    await waitFor(() => expect(app.byId("stage-name").dataset.state).toBe("failed"));
    expect(app.byId("stage-port").dataset.state).toBe("not-tried");
    await app.user.clear(address);
    await app.user.type(address, "sql-q1.local");
    await app.user.type(app.byId("network-login"), "lan");
    await app.user.type(app.byId("network-password"), "sai{Enter}");
    await waitFor(() => expect(app.byId("stage-sign_in").dataset.state).toBe("failed"));
    await app.user.clear(app.byId("network-password"));
    await app.user.type(app.byId("network-password"), `${app.password}{Enter}`);
    await waitFor(() => expect(app.byId("stage-site").dataset.state).toBe("done"));
    expect(test.mock.calls.map(([, login]) => login)).toEqual([null, "lan", "lan"]);
    // Trying saves nothing.
    expect(app.world.network.version).toBe(1);
  });

  it("is shown what is wrong at the field, and nothing is sent", async () => {
    const app = await byManager();
    const change = vi.spyOn(app.desk, "networkChange");
    await opened(app, "Q1");
    const address = app.byId("network-address");
    await app.user.clear(address);
    await app.user.clear(app.byId("network-database"));
    await app.user.type(address, "sql-q1,99999{Enter}");
    await screen.findByText(/sau dấu phẩy là cổng/);
    await screen.findByText("Gõ tên cơ sở dữ liệu.");
    expect(document.activeElement).toBe(address);
    await app.user.click(app.byId("network-test"));
    expect(screen.queryByTestId("network-found")).toBeNull();
    expect(change).not.toHaveBeenCalled();
  });

  it("cannot switch encryption off without being told what that means", async () => {
    const app = await byManager();
    const form = await opened(app, "Q1");
    expect(within(form).queryByTestId("network-plain-text")).toBeNull();
    await app.user.selectOptions(app.byId("network-tls"), "off");
    expect(app.byId("network-plain-text").getAttribute("role")).toBe("alert");
    await app.user.click(app.byId("network-save"));
    await waitFor(() => expect(screen.getAllByTestId("not-encrypted")).toHaveLength(2));
  });

  it("pins the certificate that the server shows, after being told to compare it", async () => {
    const app = await byManager();
    const change = vi.spyOn(app.desk, "networkChange");
    await opened(app, "Q1");
    await app.user.selectOptions(app.byId("network-tls"), "pinned");
    await app.user.clear(app.byId("network-tls-file"));
    await app.user.click(app.byId("network-certificate"));
    expect((await screen.findByTestId("network-fingerprint")).textContent).toMatch(/3F(:..){31}$/);
    await app.user.click(app.byId("network-save"));
    await waitFor(() => expect(change).toHaveBeenCalledTimes(1));
    expect(change.mock.calls[0]?.[1]).toHaveProperty("tls", { pinned: "q1-3f2a9c1e5b7d0846.cer" });
  });

  it("does not overwrite what someone else changed meanwhile", async () => {
    const app = await byManager();
    await opened(app, "Q3");
    app.world.network.version += 1;
    await app.user.click(app.byId("network-save"));
    expect((await screen.findByTestId("error")).textContent).toContain("vừa bị sửa ở nơi khác");
  });

  it("takes a site out only after being asked, and is warned of the own branch", async () => {
    const app = await byManager();
    const remove = vi.spyOn(app.desk, "networkRemove");
    await opened(app, "Q1");
    await app.user.click(app.byId("network-remove"));
    await screen.findByText(/Quầy này thuộc chi nhánh đó/);
    expect(remove).not.toHaveBeenCalled();
    await app.user.click(app.byId("confirm"));
    await waitFor(() => expect(screen.queryByTestId("network-open-Q1")).toBeNull());
    expect(remove).toHaveBeenCalledWith("v1", "Q1", true);
  });

  it("who signs out here is shown the sign-in", async () => {
    const app = await byManager();
    await app.user.click(app.byId("sign-out"));
    await screen.findByTestId("sign-in-screen");
  });
});

describe("the fields of a site", () => {
  it("take every form of an address, and nothing else", () => {
    for (const text of ["sql", "10.0.1.5", "sql,1433", "sql , 65535", String.raw`TV\EXPRESS`]) {
      expect(isAddress(text), text).toBe(true);
    }
    for (const text of ["", " ", ",1433", "sql,", "sql,0", "sql,65536", "sql,a", "sql\\", "\\A"]) {
      expect(isAddress(text), text).toBe(false);
    }
  });

  it("say what the entry says", async () => {
    const { world } = await openApp();
    for (const entry of world.network.sites) {
      expect(entryOf(fieldsOf(entry))).toEqual(entry);
    }
  });
});

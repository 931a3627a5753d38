// The one helper of the screens' tests: the application over a fake desk, worked by keyboard.
import { render, screen, waitFor } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import axe from "axe-core";
import { expect, vi } from "vitest";
import { App } from "../App";
import { FAKE_MANAGER, FAKE_PASSWORD, fakeDesk } from "../platform/fake/desk";
import { fakeWorld, firstWorld } from "../platform/fake/world";

/** Between two keys, as their events are stamped: whatever this machine does meanwhile. */
const PERSON_MS = 120;
const SCANNER_MS = 2;

/** The application in which someone has signed in, unless told otherwise. */
export async function openApp(
  how: { signedIn?: boolean; enrolled?: boolean; first?: boolean; manager?: boolean } = {},
) {
  const world = how.first ? firstWorld() : fakeWorld();
  const { desk } = world.view;
  if (how.signedIn !== false && how.enrolled !== false && !how.first) {
    desk.person = how.manager
      ? { login: FAKE_MANAGER, name: "Đỗ Thanh Hằng", roles: ["manager"], offline: false }
      : { login: "lan", name: "Võ Thị Lan", roles: ["librarian"], offline: false };
  }
  if (how.enrolled === false) {
    desk.enrolment = null;
  }
  let clock_ms = 0;
  let step_ms = PERSON_MS;
  vi.spyOn(Event.prototype, "timeStamp", "get").mockImplementation(() => {
    clock_ms += step_ms;
    return clock_ms;
  });
  const fake = fakeDesk(world);
  const user = userEvent.setup();
  render(<App desk={fake} />);
  await screen.findByTestId("status-bar");
  const byId = (id: string) => screen.getByTestId(id);
  return {
    desk: fake,
    world,
    user,
    byId,
    password: FAKE_PASSWORD,
    /** Types as a scanner does: the code, then Enter. */
    scan: async (code: string) => {
      step_ms = SCANNER_MS;
      await user.keyboard(`${code}{Enter}`);
      step_ms = PERSON_MS;
    },
    /** Waits until the outcome panel shows this kind. */
    outcome: (kind: string) =>
      waitFor(() =>
        expect(byId("outcome").dataset.kind, byId("outcome").textContent ?? "").toBe(kind),
      ),
    /** Goes to another screen by its key. */
    go: async (digit: number, id: string) => {
      await user.keyboard(`{Alt>}[Digit${digit}]{/Alt}`);
      return screen.findByTestId(id);
    },
    /** Goes to a screen of all sites by its key. */
    across: async (digit: number, id: string) => {
      await user.keyboard(`{Control>}[Digit${digit}]{/Control}`);
      return screen.findByTestId(id);
    },
  };
}

/** Fails with what axe finds wrong on the page. Colours need a browser; they have a test of their own. */
export async function expectAccessible(): Promise<void> {
  const found = await axe.run(document.body, {
    rules: { "color-contrast": { enabled: false }, region: { enabled: false } },
  });
  const wrong = found.violations.map(
    ({ id, help, nodes }) => `${id}: ${help}\n${nodes.map((node) => node.html).join("\n")}`,
  );
  expect(wrong.join("\n\n")).toBe("");
}

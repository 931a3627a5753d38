import { screen } from "@testing-library/react";
import { expect, it, vi } from "vitest";
import { openApp } from "./testing/app";

// As in the window (`freezePrototype`), and like there before any package is loaded: one that assigns to an inherited
// name, as some do, cannot be. Not in all tests, because what uploads files in them does the same.
vi.hoisted(() => Object.freeze(Object.prototype));

it("every package loads where prototypes are frozen, and the screens with charts open", async () => {
  const app = await openApp({ manager: true });
  await app.across(6, "figures-screen");
  expect(await screen.findByTestId("figures-from")).toBeTruthy();
});

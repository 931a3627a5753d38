// What jsdom lacks of a window, and a clean one for each test.
import { cleanup, configure } from "@testing-library/react";
import { afterEach, beforeEach, vi } from "vitest";
import { startLanguages } from "../i18n";

class Nothing {
  observe() {}
  unobserve() {}
  disconnect() {}
}

vi.stubGlobal("ResizeObserver", Nothing);
vi.stubGlobal("matchMedia", (query: string) => ({
  matches: false,
  media: query,
  addEventListener() {},
  removeEventListener() {},
}));
// Nothing has a size here; a list that draws only what is seen would draw nothing.
for (const side of ["clientWidth", "clientHeight"] as const) {
  Object.defineProperty(HTMLElement.prototype, side, { get: () => 800 });
}
Blob.prototype.text = function text() {
  return new Promise((read) => {
    const reader = new FileReader();
    reader.onload = () => read(String(reader.result));
    reader.readAsText(this);
  });
};
window.scrollTo = () => {};
Element.prototype.scrollIntoView = () => {};
Object.defineProperty(document, "fonts", { value: new EventTarget() });

beforeEach(() => {
  localStorage.clear();
  window.location.hash = "";
  startLanguages();
});

// A failure says what was expected; the whole page would bury it.
configure({
  // A busy machine is slow, not wrong.
  asyncUtilTimeout: 10_000,
  getElementError: (message) => new Error(message ?? "the page is not as expected"),
});

afterEach(() => {
  cleanup();
  vi.restoreAllMocks();
});

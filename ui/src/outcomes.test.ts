import { describe, expect, it } from "vitest";
import { contrast, LOOKS } from "./outcomes";
import { SOUNDS } from "./session/tones";

const CONTRAST_MIN = 7;

describe("the outcomes", () => {
  it("are legible at AAA, every one", () => {
    for (const [kind, look] of Object.entries(LOOKS)) {
      expect(contrast(look.ground, look.text), kind).toBeGreaterThanOrEqual(CONTRAST_MIN);
    }
  });

  it("that matter most differ in ground, icon and sound at once", () => {
    const kinds = ["done", "queued", "warned", "refused"] as const;
    for (const kind of kinds) {
      for (const other of kinds.filter((candidate) => candidate !== kind)) {
        expect(LOOKS[kind].ground).not.toBe(LOOKS[other].ground);
        expect(LOOKS[kind].icon).not.toBe(LOOKS[other].icon);
        expect(SOUNDS[kind]).not.toBe(SOUNDS[other]);
      }
    }
  });

  it("are measured as WCAG does", () => {
    expect(contrast("#000000", "#ffffff")).toBeCloseTo(21);
    expect(contrast("#777777", "#ffffff")).toBeCloseTo(4.48, 2);
  });
});

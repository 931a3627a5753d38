import { describe, expect, it } from "vitest";
import { messages as en } from "./locales/en.po";
import { messages as vi } from "./locales/vi.po";

describe("the catalogues", () => {
  it("hold the same messages", () => {
    expect(Object.keys(vi).sort()).toEqual(Object.keys(en).sort());
  });

  it("have a text for each", () => {
    for (const [name, catalogue] of Object.entries({ vi, en })) {
      for (const [id, message] of Object.entries(catalogue)) {
        expect(JSON.stringify(message).length, `${name} ${id}`).toBeGreaterThan(2);
      }
    }
  });

  it("are composed Unicode: decomposed letters look alike and are not found", () => {
    for (const message of Object.values(vi)) {
      const text = JSON.stringify(message);
      expect(text).toBe(text.normalize("NFC"));
    }
  });
});

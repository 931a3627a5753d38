import { describe, expect, it } from "vitest";
import { BURST_GAP_MS_MAX, BURST_KEYS_MAX, type Key, letterOf, type Place, Wedge } from "./wedge";

function press(key: string, at_ms: number, more: Partial<Key> = {}): Key {
  return { key, code: "", shift: false, command: false, at_ms, ...more };
}

/** Types the text with this gap and then Enter; answers with all that is not "leave". */
function typed(text: string, gap_ms: number, place: Place, end = "Enter") {
  const wedge = new Wedge();
  const keys = [...text, end].map((key, index) => press(key, 1_000 + index * gap_ms));
  return keys.map((key) => wedge.hear(key, place)).filter((verdict) => verdict.kind !== "leave");
}

describe("a burst in a field that is not for scans", () => {
  it.each(["Enter", "Tab"])("is a scan once %s ends it", (end) => {
    expect(typed("Q1-000123", 5, "field", end)).toEqual([{ kind: "scan", text: "Q1-000123" }]);
  });

  it("is a scan up to the longest gap of a scanner, and a person beyond it", () => {
    expect(typed("DG0001", BURST_GAP_MS_MAX, "field")).toHaveLength(1);
    expect(typed("DG0001", BURST_GAP_MS_MAX + 1, "field")).toEqual([]);
  });

  it("is a person when it is too short", () => {
    expect(typed("abc", 5, "field")).toEqual([]);
  });

  it("keeps a letter that an input method has made; the desk undoes it", () => {
    expect(typed("Đ0001", 5, "field")).toEqual([{ kind: "scan", text: "Đ0001" }]);
  });

  it("keeps letters that an input method still holds back", () => {
    const wedge = new Wedge();
    const held = [
      press("Process", 0, { code: "KeyD", shift: true }),
      press("Process", 5, { code: "KeyD", shift: true }),
      press("Process", 10, { code: "Digit1" }),
      press("Process", 15, { code: "Digit2" }),
    ];
    for (const key of held) {
      expect(wedge.hear(key, "field")).toEqual({ kind: "leave" });
    }
    expect(wedge.hear(press("Enter", 20), "field")).toEqual({ kind: "scan", text: "DD12" });
  });

  it("is not broken up by the Shift keys that a scanner sends for capitals", () => {
    const wedge = new Wedge();
    const keys = ["Shift", "Q", "Shift", "1", "0", "0"];
    keys.forEach((key, index) => {
      wedge.hear(press(key, index * 4), "field");
    });
    expect(wedge.hear(press("Enter", 26), "field")).toEqual({ kind: "scan", text: "Q100" });
  });

  it("never runs together with the one before", () => {
    const wedge = new Wedge();
    const scans: string[] = [];
    let at_ms = 0;
    for (const code of ["Q1-000001", "Q1-000002", "DG00000003"]) {
      for (const key of [...code, "Enter"]) {
        at_ms += 2;
        const verdict = wedge.hear(press(key, at_ms), "field");
        if (verdict.kind === "scan") {
          scans.push(verdict.text);
        }
      }
    }
    expect(scans).toEqual(["Q1-000001", "Q1-000002", "DG00000003"]);
  });

  it("is bounded", () => {
    const [verdict] = typed("x".repeat(10_000), 1, "field");
    expect(verdict).toEqual({ kind: "scan", text: "x".repeat(BURST_KEYS_MAX) });
  });
});

describe("keys typed nowhere in particular", () => {
  it("go to the scan box, however slowly they come", () => {
    expect(typed("q1", 700, "nowhere")).toEqual([
      { kind: "type", text: "q" },
      { kind: "type", text: "1" },
    ]);
  });

  it("are a scan when a burst ends with no scan box to go to", () => {
    expect(typed("Q1-000123", 5, "nowhere").at(-1)).toEqual({ kind: "scan", text: "Q1-000123" });
  });

  it("leave a space alone, which presses buttons", () => {
    expect(new Wedge().hear(press(" ", 0), "nowhere")).toEqual({ kind: "leave" });
  });

  it("do not when they are commands or have no letter", () => {
    for (const key of [press("z", 0, { command: true }), press("F2", 0), press("ArrowUp", 0)]) {
      expect(new Wedge().hear(key, "nowhere")).toEqual({ kind: "leave" });
    }
  });
});

describe("the scan box itself", () => {
  it("is left alone: what is typed into it arrives there by itself", () => {
    expect(typed("Q1-000123", 5, "takes-scans")).toEqual([]);
  });
});

describe("the letter of a key", () => {
  it.each([
    ["a", "", false, "a"],
    ["đ", "", false, "đ"],
    ["Process", "KeyA", true, "A"],
    ["Process", "Numpad7", false, "7"],
    ["Process", "Minus", false, "-"],
    ["Process", "AltLeft", false, null],
    ["Enter", "Enter", false, null],
  ])("%s %s is read", (key, code, shift, letter) => {
    expect(letterOf(press(key, 0, { code, shift }))).toBe(letter);
  });
});

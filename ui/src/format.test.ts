import { describe, expect, it } from "vitest";
import { formatDay, formatMoment, formatNumber, parseDay } from "./format";

describe("dates", () => {
  it("are written day first, in both languages", () => {
    expect(formatDay("2026-11-22")).toBe("22/11/2026");
  });

  it.each([
    ["22/11/2026", "2026-11-22"],
    [" 2-1-2026 ", "2026-01-02"],
    ["29/02/2028", "2028-02-29"],
    ["29/02/2027", null],
    ["31/11/2026", null],
    ["2026-11-22", null],
    ["22/11/26", null],
    ["", null],
  ])("%s is read as %s", (text, day) => {
    expect(parseDay(text)).toBe(day);
  });

  it("that are written are read as the same day, for each day of four years", () => {
    for (let day = 0; day < 4 * 366; day += 1) {
      const moment = new Date(2026, 0, 1 + day);
      const two = (part: number) => String(part).padStart(2, "0");
      const iso = `${moment.getFullYear()}-${two(moment.getMonth() + 1)}-${two(moment.getDate())}`;
      expect(parseDay(formatDay(iso))).toBe(iso);
    }
  });
});

describe("moments", () => {
  const now = new Date(2026, 10, 22, 17, 0);

  it("of today show the time alone, others the day too", () => {
    expect(formatMoment(new Date(2026, 10, 22, 8, 5), now)).toBe("08:05");
    expect(formatMoment(new Date(2026, 10, 21, 8, 5), now)).toBe("08:05 21/11/2026");
  });
});

describe("numbers", () => {
  it("are grouped as the language does", () => {
    expect(formatNumber(1_234_567, "vi")).toBe("1.234.567");
    expect(formatNumber(1_234_567, "en")).toBe("1,234,567");
  });
});

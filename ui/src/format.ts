/** Dates, times and numbers as the branch writes them: dd/MM/yyyy in both languages. */
import type { Language } from "./i18n";

const LOCALES = { vi: "vi-VN", en: "en-GB" } as const satisfies Record<Language, string>;

/** The calendar day of a moment at this desk, as `2026-11-22`. */
export function dayOf(moment: Date): string {
  const two = (part: number) => String(part).padStart(2, "0");
  return `${moment.getFullYear()}-${two(moment.getMonth() + 1)}-${two(moment.getDate())}`;
}

/** `2026-11-22` as `22/11/2026`. */
export function formatDay(day: string): string {
  const [year, month, date] = day.split("-");
  return `${date}/${month}/${year}`;
}

/** Midnight of `2026-11-22` at this desk. */
export function parseIsoDay(day: string): Date {
  const [year = 0, month = 1, date = 1] = day.split("-").map(Number);
  return new Date(year, month - 1, date);
}

/** `22/11/2026`, with or without leading zeros, as `2026-11-22`; nothing when there is no such day. */
export function parseDay(text: string): string | null {
  const found = /^\s*(\d{1,2})[/.-](\d{1,2})[/.-](\d{4})\s*$/.exec(text);
  if (!found) {
    return null;
  }
  const [date = 0, month = 0, year = 0] = found.slice(1).map(Number);
  const day = new Date(year, month - 1, date);
  // 31/02 would silently become a day in March.
  const exists = day.getMonth() === month - 1 && day.getDate() === date;
  return exists ? dayOf(day) : null;
}

/** The hour and minute of a moment, `08:05`. */
export function formatTime(moment: Date): string {
  const two = (part: number) => String(part).padStart(2, "0");
  return `${two(moment.getHours())}:${two(moment.getMinutes())}`;
}

/** A moment: the time of today, else the day and the time. */
export function formatMoment(moment: Date, now: Date): string {
  const day = dayOf(moment);
  return day === dayOf(now) ? formatTime(moment) : `${formatTime(moment)} ${formatDay(day)}`;
}

/** `12345` as `12.345` or `12,345`. */
export function formatNumber(number: number, language: Language): string {
  return new Intl.NumberFormat(LOCALES[language]).format(number);
}

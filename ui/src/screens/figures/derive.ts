/** Figures as charts show them. What is added up is added up in Rust; here it only gets names. */
import type { ChartData } from "../../components/charts/data";
import { formatDay } from "../../format";
import type { Step } from "../../platform/desk";

/** How a step of a period is named, and below its bar. */
export function stepName(start: string, step: Step): { name: string; short: string } {
  const [year = "", month = "", date = ""] = start.split("-");
  return step === "month"
    ? { name: `${month}/${year}`, short: `${month}/${year.slice(2)}` }
    : { name: formatDay(start), short: `${date}/${month}` };
}

/** Groups of rows, each by its key and name, with the numbers of each series. */
export function groupsOf<Row>(
  rows: readonly Row[],
  name: (row: Row) => { key: string; name: string; short?: string },
  ...values: ((row: Row) => number)[]
): ChartData["groups"] {
  return rows.map((row) => ({ ...name(row), values: values.map((value) => value(row)) }));
}

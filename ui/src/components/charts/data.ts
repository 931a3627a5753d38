import type { ReactNode } from "react";

/** Numbers as a chart and the table beside it show them. */
export interface ChartData {
  /** What the first column of the table names. */
  readonly of: ReactNode;
  /** At most two: more could not be told apart by shade alone. */
  readonly series: readonly { readonly key: string; readonly name: ReactNode }[];
  readonly groups: readonly ChartGroup[];
}

/** What stands together: a day, a class, a branch. */
export interface ChartGroup {
  readonly key: string;
  readonly name: string;
  /** The name where there is little room. */
  readonly short?: string;
  /** One for each series. */
  readonly values: readonly number[];
}

/** The rows that every site holds, as people read them: their fields, and what a change does to them. */
import { Trans } from "@lingui/react/macro";
import type { ReactNode } from "react";
import { formatDay } from "../format";
import type {
  Branch,
  CatalogueChange,
  ClosedDay,
  LoanPolicy,
  ReplicatedRow,
  Title,
} from "../platform/desk";
import type { Field } from "./SideBySide";

/** A change with the rows that it is about, whichever they are. */
export interface Changed {
  /** What it is to be; nothing where it goes. */
  readonly wanted: ReplicatedRow | null;
  /** What whoever changes it saw; nothing where it is new. */
  readonly seen: ReplicatedRow | null;
}

/** The rows of a change. */
export function changedBy(change: CatalogueChange): Changed {
  const title = (row: Title | null): ReplicatedRow | null => row && { kind: "title", row };
  const branch = (row: Branch | null): ReplicatedRow | null => row && { kind: "branch", row };
  const policy = (row: LoanPolicy | null): ReplicatedRow | null => row && { kind: "policy", row };
  const closed = (row: ClosedDay | null): ReplicatedRow | null =>
    row && { kind: "closed_day", row };
  switch (change.change) {
    case "put_title":
      return { wanted: title(change.title), seen: title(change.seen) };
    case "remove_title":
      return { wanted: null, seen: title(change.seen) };
    case "put_branch":
      return { wanted: branch(change.branch), seen: branch(change.seen) };
    case "put_policy":
      return { wanted: policy(change.policy), seen: policy(change.seen) };
    case "remove_policy":
      return { wanted: null, seen: policy(change.seen) };
    case "put_closed_day":
      return { wanted: closed(change.closed), seen: closed(change.seen) };
    case "remove_closed_day":
      return { wanted: null, seen: closed(change.seen) };
    case "repair":
      return change.gone
        ? { wanted: null, seen: change.row }
        : { wanted: change.row, seen: change.row };
    case "activate":
      return { wanted: branch(change.branch), seen: branch(change.seen) };
  }
}

/** What a row is called. */
export function rowName(row: ReplicatedRow): ReactNode {
  switch (row.kind) {
    case "title":
      return `${row.row.name} · ${row.row.key}`;
    case "branch":
      return `${row.row.name} · ${row.row.code}`;
    case "policy": {
      const { branch, category } = row.row;
      return (
        <>
          {branch ?? <Trans>All branches</Trans>} · {category ?? <Trans>other categories</Trans>}
        </>
      );
    }
    case "closed_day":
      return (
        <>
          {formatDay(row.row.date)} · {row.row.branch ?? <Trans>All branches</Trans>}
        </>
      );
  }
}

const KINDS: Record<ReplicatedRow["kind"], ReactNode> = {
  title: <Trans>Title</Trans>,
  branch: <Trans>Branch</Trans>,
  policy: <Trans>Loan policy</Trans>,
  closed_day: <Trans>Closed day</Trans>,
};

/** What kind of row it is. */
export function kindName(row: ReplicatedRow): ReactNode {
  return KINDS[row.kind];
}

/** The fields of a row of this kind. A row of another kind has none of them. */
export function fieldsOf(kind: ReplicatedRow["kind"]): readonly Field<ReplicatedRow>[] {
  switch (kind) {
    case "title":
      return of("title", [
        ["name", <Trans key="t">Title</Trans>, (row: Title) => row.name],
        ["author", <Trans key="a">Author</Trans>, (row: Title) => row.author],
        ["publisher", <Trans key="p">Publisher</Trans>, (row: Title) => row.publisher],
        ["year", <Trans key="y">Year</Trans>, (row: Title) => String(row.year ?? "")],
        ["ddc", <Trans key="d">Dewey class</Trans>, (row: Title) => row.ddc],
        ["language", <Trans key="l">Language</Trans>, (row: Title) => row.language],
      ]);
    case "branch":
      return of("branch", [
        ["name", <Trans key="n">Name of the branch</Trans>, (row: Branch) => row.name],
        ["address", <Trans key="a">Address</Trans>, (row: Branch) => row.address],
        ["standing", <Trans key="s">Standing</Trans>, (row: Branch) => row.standing],
      ]);
    case "policy":
      return of("policy", [
        ["days", <Trans key="d">Days of a loan</Trans>, (row: LoanPolicy) => `${row.loan_days}`],
        ["max", <Trans key="m">Books at one time</Trans>, (row: LoanPolicy) => `${row.loans_max}`],
        [
          "renewals",
          <Trans key="r">Renewals of a loan</Trans>,
          (row: LoanPolicy) => `${row.renewals_max}`,
        ],
        [
          "renewal-days",
          <Trans key="e">Days of a renewal</Trans>,
          (row: LoanPolicy) => `${row.renewal_days}`,
        ],
        [
          "override",
          <Trans key="o">May go on</Trans>,
          (row: LoanPolicy) => (row.may_override ? "✓" : "–"),
        ],
      ]);
    case "closed_day":
      return of("closed_day", [
        ["date", <Trans key="d">Day</Trans>, (row: ClosedDay) => formatDay(row.date)],
        ["note", <Trans key="n">Why</Trans>, (row: ClosedDay) => row.note],
      ]);
  }
}

type RowOf<Kind extends ReplicatedRow["kind"]> = Extract<ReplicatedRow, { kind: Kind }>["row"];

function of<Kind extends ReplicatedRow["kind"]>(
  kind: Kind,
  fields: readonly [string, ReactNode, (row: RowOf<Kind>) => string][],
): readonly Field<ReplicatedRow>[] {
  return fields.map(([key, name, text]) => ({
    key,
    name,
    text: (other) => (other.kind === kind ? text(other.row as RowOf<Kind>) : ""),
  }));
}

import { Trans } from "@lingui/react/macro";
import type { ReactNode } from "react";
import { formatDay } from "../format";
import type { ReplicatedRow, Resource } from "../platform/desk";

/** What something is called that transactions touch. */
export function resourceName(resource: Resource): ReactNode {
  switch (resource.kind) {
    case "membership":
      return <Trans>Who belongs to the network</Trans>;
    case "copy":
    case "title":
    case "branch":
      return resource.key;
    case "policy": {
      const [branch, category] = resource.key;
      return (
        <>
          {branch ?? <Trans>All branches</Trans>} · {category ?? <Trans>other categories</Trans>}
        </>
      );
    }
    case "closed_day": {
      const [branch, day] = resource.key;
      return (
        <>
          {formatDay(day)} · {branch ?? <Trans>All branches</Trans>}
        </>
      );
    }
  }
}

/** A key for lists. */
export function resourceKey(resource: Resource): string {
  return JSON.stringify(resource);
}

/** The kind of row that it names; nothing where it is none that every site holds. */
export function rowKind(resource: Resource): ReplicatedRow["kind"] | null {
  return resource.kind === "membership" || resource.kind === "copy" ? null : resource.kind;
}

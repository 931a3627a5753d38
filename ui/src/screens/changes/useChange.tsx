import { type ReactNode, useState } from "react";
import type { CatalogueChange, PendingView } from "../../platform/desk";
import { useDeed } from "../../queries";
import { ChangeNotice } from "./ChangeState";
import { Compare } from "./Compare";

/** Changes a row at all sites, and what is shown of it: the notice that stays, and what stands against it. */
export function useChange() {
  const [outcome, setOutcome] = useState<PendingView | null>(null);
  const [compared, setCompared] = useState<PendingView | null>(null);
  const change = useDeed(
    (desk, one: CatalogueChange) => desk.catalogueChange([one]),
    "changes",
    "titles",
    "rules",
  );
  const shown: ReactNode = (
    <>
      {outcome && <ChangeNotice entry={outcome} />}
      {compared && <Compare entry={compared} onClose={() => setCompared(null)} />}
    </>
  );
  return {
    busy: change.isPending,
    error: change.error,
    shown,
    /** What was left by an earlier attempt is forgotten. */
    forget: change.reset,
    submit: (one: CatalogueChange, onTaken: () => void) =>
      change.mutate(one, {
        onSuccess: (entry) => {
          onTaken();
          setOutcome(entry);
          setCompared(entry.state === "refused" ? entry : null);
        },
      }),
  };
}

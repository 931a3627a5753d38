import { Trans } from "@lingui/react/macro";
import type { ReactNode } from "react";
import type { DeedKind } from "../../platform/desk";
import { deedOf, type Entry } from "../../session/session";

const DEEDS: Record<DeedKind, ReactNode> = {
  borrow: <Trans>Lent</Trans>,
  return: <Trans>Returned</Trans>,
  renew: <Trans>Renewed</Trans>,
  undo: <Trans>Undone</Trans>,
  settle: <Trans>Settled</Trans>,
};

const WRITTEN_DOWN: Record<DeedKind, ReactNode> = {
  borrow: <Trans>Lent – written down, to be sent</Trans>,
  return: <Trans>Returned – written down, to be sent</Trans>,
  renew: <Trans>Renewed – written down, to be sent</Trans>,
  undo: <Trans>Undone – written down, to be sent</Trans>,
  settle: <Trans>Settled – written down, to be sent</Trans>,
};

/** What came of a scan, in a few words. */
export function Headline({ entry }: { entry: Entry }): ReactNode {
  const answer = deedOf(entry);
  if (answer?.kind === "done") {
    return answer.queued ? WRITTEN_DOWN[answer.deed] : DEEDS[answer.deed];
  }
  switch (entry.outcome) {
    case "waiting":
      return <Trans>Waiting for the answer</Trans>;
    case "patron":
      return <Trans>Reader</Trans>;
    case "warned":
      return <Trans>Reader – look at the card</Trans>;
    case "question":
      return <Trans>Not allowed – you may decide</Trans>;
    case "needs-patron":
      return <Trans>Whose book is it?</Trans>;
    case "not-understood":
      return <Trans>Not understood</Trans>;
    case "refused":
      return <Trans>Not possible</Trans>;
    case "failed":
      return <Trans>It did not work</Trans>;
    case "not-taken":
      return <Trans>Not taken – scan it again</Trans>;
    default:
      return null;
  }
}

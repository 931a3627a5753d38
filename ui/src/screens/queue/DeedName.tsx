import { Trans } from "@lingui/react/macro";
import type { ReactNode } from "react";
import type { DeedKind } from "../../platform/desk";

const NAMES: Record<DeedKind, ReactNode> = {
  borrow: <Trans>Loan</Trans>,
  return: <Trans context="event">Return</Trans>,
  renew: <Trans>Renewal</Trans>,
  undo: <Trans>Undoing</Trans>,
  settle: <Trans>Settlement</Trans>,
};

/** What kind of event it is. */
export function DeedName({ deed }: { deed: DeedKind }) {
  return NAMES[deed];
}

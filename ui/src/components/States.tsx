import { Trans } from "@lingui/react/macro";
import { Badge } from "@mantine/core";
import type { ReactNode } from "react";
import { formatDay } from "../format";
import type { CopyState } from "../platform/desk";
import { SENSE } from "../theme";

const COLORS = {
  free: SENSE.good,
  on_loan: "ink",
  in_transit: SENSE.moved,
  forwarded: SENSE.moved,
  damaged: SENSE.bad,
  lost: SENSE.bad,
  withdrawn: SENSE.gone,
} as const satisfies Record<CopyState, string>;

const NAMES: Record<CopyState, ReactNode> = {
  free: <Trans>On the shelf</Trans>,
  on_loan: <Trans>On loan</Trans>,
  in_transit: <Trans>In transit</Trans>,
  forwarded: <Trans>Moved away</Trans>,
  damaged: <Trans>Damaged</Trans>,
  lost: <Trans>Lost</Trans>,
  withdrawn: <Trans>Withdrawn</Trans>,
};

/** The state of a copy, in words. */
export function StateBadge({ state }: { state: CopyState }) {
  return (
    <Badge color={COLORS[state]} variant="outline" size="lg" tt="none" data-testid="copy-state">
      {NAMES[state]}
    </Badge>
  );
}

/** A due date; an overdue one says so in words too. */
export function Due({ day, overdue }: { day: string; overdue: boolean }) {
  return overdue ? (
    <Badge color={SENSE.bad} size="lg" tt="none" data-testid="overdue">
      {formatDay(day)} · <Trans>overdue</Trans>
    </Badge>
  ) : (
    <span>{formatDay(day)}</span>
  );
}

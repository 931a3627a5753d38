import { Trans } from "@lingui/react/macro";
import { Badge } from "@mantine/core";
import type { ReactNode } from "react";
import type { BranchStanding } from "../platform/desk";
import { SENSE } from "../theme";

const NAMES: Record<BranchStanding, ReactNode> = {
  active: <Trans>active</Trans>,
  away: <Trans>set away</Trans>,
  closed: <Trans>closed</Trans>,
};

const COLORS = {
  active: SENSE.good,
  away: SENSE.attention,
  closed: SENSE.gone,
} as const satisfies Record<BranchStanding, string>;

/** Whether a branch takes part in the network, in words. */
export function Standing({ standing }: { standing: BranchStanding }) {
  return (
    <Badge
      color={COLORS[standing]}
      variant="outline"
      size="lg"
      tt="none"
      data-testid="standing"
      data-standing={standing}
    >
      {NAMES[standing]}
    </Badge>
  );
}

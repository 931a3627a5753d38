import { Trans } from "@lingui/react/macro";
import {
  IconCircleCheck,
  IconCircleX,
  IconCloudOff,
  IconHandStop,
  IconLoader2,
  IconLock,
} from "@tabler/icons-react";
import type { ReactNode } from "react";
import type { SiteProgress, SiteStep } from "../platform/desk";
import classes from "./TransactionSteps.module.css";
import { useBranches } from "./useBranches";

const WORDS: Record<SiteStep, ReactNode> = {
  asked: <Trans>is asked…</Trans>,
  promised: <Trans>has promised</Trans>,
  committed: <Trans>has done it</Trans>,
  aborted: <Trans>has given it up</Trans>,
  refused: <Trans>said no</Trans>,
  unanswered: <Trans>no answer</Trans>,
};

const ICONS = {
  asked: IconLoader2,
  promised: IconLock,
  committed: IconCircleCheck,
  aborted: IconCircleX,
  refused: IconHandStop,
  unanswered: IconCloudOff,
} as const satisfies Record<SiteStep, unknown>;

/** How far each site of a transaction is. */
export function TransactionSteps({ sites }: { sites: readonly SiteProgress[] }) {
  const { nameOf } = useBranches();
  return (
    <ul className={classes.sites}>
      {sites.map(({ branch, step }) => {
        const Icon = ICONS[step];
        return (
          <li key={branch} data-step={step} data-testid={`step-${branch}`}>
            <Icon size={18} aria-hidden className={classes.icon} />
            <b>{nameOf(branch)}</b> {WORDS[step]}
          </li>
        );
      })}
    </ul>
  );
}

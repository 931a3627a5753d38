import { Trans, useLingui } from "@lingui/react/macro";
import { VisuallyHidden } from "@mantine/core";
import { IconCircleCheck, IconCircleDashed, IconCircleX } from "@tabler/icons-react";
import type { ReactNode } from "react";
import type { Diagnosis, Stage } from "../../platform/desk";
import { SENSE } from "../../theme";
import classes from "./Network.module.css";

/** In the order in which they are tried. */
const STAGES = [
  ["name", <Trans key="name">Server found</Trans>],
  ["port", <Trans key="port">Port reached</Trans>],
  ["encryption", <Trans key="encryption">Certificate</Trans>],
  ["sign_in", <Trans key="sign_in">Signed in</Trans>],
  ["database", <Trans key="database">Database</Trans>],
  ["site", <Trans key="site">Site</Trans>],
] as const satisfies readonly (readonly [Stage, ReactNode])[];

/** How far a try came: what went well, where it stopped, what was not tried. */
export function Stages({ diagnosis, isFine }: { diagnosis: Diagnosis; isFine: boolean }) {
  const { t } = useLingui();
  const reached = STAGES.findIndex(([stage]) => stage === diagnosis.stage);
  return (
    <ol className={classes.stages} aria-label={t`How far the try came`}>
      {STAGES.map(([stage, name], place) => {
        const isDone = place < reached || (place === reached && isFine);
        const state = isDone ? "done" : place === reached ? "failed" : "not-tried";
        return (
          <li key={stage} data-state={state} data-testid={`stage-${stage}`}>
            {state === "done" && <IconCircleCheck size={20} color={SENSE.good} aria-hidden />}
            {state === "failed" && <IconCircleX size={20} color={SENSE.bad} aria-hidden />}
            {state === "not-tried" && <IconCircleDashed size={20} color={SENSE.gone} aria-hidden />}
            {name}
            <VisuallyHidden>
              {state === "done" && <Trans>: good</Trans>}
              {state === "failed" && <Trans>: stopped here</Trans>}
              {state === "not-tried" && <Trans>: not tried</Trans>}
            </VisuallyHidden>
          </li>
        );
      })}
    </ol>
  );
}

import { Trans, useLingui } from "@lingui/react/macro";
import { Switch } from "@mantine/core";
import type { DemoLineView } from "../../platform/desk";
import { useDeed } from "../../queries";
import { SENSE } from "../../theme";
import classes from "./Shell.module.css";

/** In the demo: the line to each site, to be cut and restored. */
export function DemoStrip({
  lines,
  home,
}: {
  lines: readonly DemoLineView[];
  home: string | null;
}) {
  const { t } = useLingui();
  const turn = useDeed((desk, line: DemoLineView) => desk.demoLine(line.branch, line.cut));
  return (
    <section className={classes.demo} aria-label={t`Demo lines`} data-testid="demo-strip">
      <strong>
        <Trans>Demo: lines to the sites</Trans>
      </strong>
      {lines.map((line) => (
        <Switch
          key={line.branch}
          checked={!line.cut}
          color={SENSE.good}
          onChange={() => turn.mutate({ ...line, cut: !line.cut })}
          label={<Label line={line} isHome={line.branch === home} />}
          data-testid={`demo-line-${line.branch}`}
        />
      ))}
    </section>
  );
}

function Label({ line, isHome }: { line: DemoLineView; isHome: boolean }) {
  return (
    <span style={{ fontWeight: isHome ? 600 : 400 }}>
      {line.name}: {line.cut ? <Trans>cut</Trans> : <Trans>connected</Trans>}
      {isHome && (
        <>
          {" "}
          <Trans>(this desk)</Trans>
        </>
      )}
    </span>
  );
}

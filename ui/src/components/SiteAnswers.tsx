import { Trans, useLingui } from "@lingui/react/macro";
import { Button } from "@mantine/core";
import {
  IconCircleCheck,
  IconClockPause,
  IconCloudOff,
  IconLoader2,
  IconRefresh,
} from "@tabler/icons-react";
import { formatNumber } from "../format";
import { useLanguage } from "../i18n";
import type { Absent } from "../platform/desk";
import { Notice } from "./Notice";
import classes from "./SiteAnswers.module.css";
import { useBranches } from "./useBranches";

/** What has come from a site: that it answered and how fast, or why it did not. */
export interface SitePart {
  readonly branch: string;
  readonly after_ms: number;
  readonly absent: Absent | null;
}

/** Every site that was asked, by name, and what has come of it: a dead one is waited for by nobody and never unmentioned. */
export function SiteAnswers(props: {
  parts: readonly SitePart[];
  isAsking: boolean;
  onAgain: () => void;
}) {
  const { t } = useLingui();
  const { say } = useLanguage();
  const { branches, nameOf } = useBranches();
  const { parts, isAsking } = props;
  const heard = new Map(parts.map((part) => [part.branch, part]));
  const asked = new Set([...branches.map(({ code }) => code), ...heard.keys()]);
  const absent = parts.flatMap((part) => part.absent ?? []);
  return (
    <div className={classes.all}>
      <div className={classes.line}>
        <ul className={classes.sites} aria-label={t`Answers of the sites`} aria-busy={isAsking}>
          {[...asked].map((branch) => (
            <Site
              key={branch}
              branch={branch}
              name={nameOf(branch)}
              part={heard.get(branch) ?? null}
              isAsking={isAsking}
            />
          ))}
        </ul>
        <Button
          size="compact-md"
          variant="default"
          leftSection={<IconRefresh size={16} aria-hidden />}
          loading={isAsking}
          onClick={props.onAgain}
          data-testid="ask-again"
        >
          <Trans>Ask again</Trans>
        </Button>
      </div>
      {absent.length > 0 && (
        <Notice kind="attention" data-testid="absent">
          {absent.map(({ branch, why }) => (
            <div key={branch} data-testid={`absent-${branch}`}>
              <b>{nameOf(branch)}</b>: {say(why)}
            </div>
          ))}
        </Notice>
      )}
    </div>
  );
}

function Site(props: { branch: string; name: string; part: SitePart | null; isAsking: boolean }) {
  const { branch, name, part, isAsking } = props;
  const state = stateOf(part, isAsking);
  return (
    <li data-state={state} data-testid={`site-answer-${branch}`}>
      <Mark state={state} />
      <b>{name}</b> <Words state={state} part={part} />
    </li>
  );
}

type State = "answered" | "asked" | "resting" | "absent" | "not_asked";

function stateOf(part: SitePart | null, isAsking: boolean): State {
  if (part === null) {
    return isAsking ? "asked" : "not_asked";
  }
  if (part.absent === null) {
    return "answered";
  }
  return part.absent.again_in_ms === null ? "absent" : "resting";
}

function Mark({ state }: { state: State }) {
  switch (state) {
    case "answered":
      return <IconCircleCheck size={18} aria-hidden />;
    case "asked":
      return <IconLoader2 size={18} aria-hidden className={classes.turning ?? ""} />;
    case "resting":
    case "not_asked":
      return <IconClockPause size={18} aria-hidden />;
    case "absent":
      return <IconCloudOff size={18} aria-hidden />;
  }
}

function Words({ state, part }: { state: State; part: SitePart | null }) {
  const { language } = useLanguage();
  const number = (value: number) => formatNumber(value, language);
  switch (state) {
    case "answered":
      return <Trans>answered in {number(part?.after_ms ?? 0)} ms</Trans>;
    case "asked":
      return <Trans>is asked…</Trans>;
    case "resting": {
      const seconds = number(Math.ceil((part?.absent?.again_in_ms ?? 0) / 1_000));
      return <Trans>not asked for {seconds} s</Trans>;
    }
    case "absent":
      return <Trans>no answer</Trans>;
    case "not_asked":
      return <Trans>not asked yet</Trans>;
  }
}

import { Plural, Trans, useLingui } from "@lingui/react/macro";
import { ActionIcon, Button, SegmentedControl } from "@mantine/core";
import {
  IconClockPause,
  IconCloudCheck,
  IconCloudOff,
  IconCloudQuestion,
  IconCloudUp,
  IconDatabase,
  IconInbox,
  IconKey,
  IconUser,
} from "@tabler/icons-react";
import { type ReactNode, useState } from "react";
import { useNow } from "../../components/useNow";
import { formatMoment, formatNumber } from "../../format";
import { LANGUAGES, type Language, speak, useLanguage } from "../../i18n";
import type { AppView, DeskStatus, Knowledge } from "../../platform/desk";
import { useDeed } from "../../queries";
import { useSession } from "../../session/context";
import { waitingCount } from "../../session/session";
import { PasswordDialog } from "../password/PasswordDialog";
import classes from "./Shell.module.css";

/** How often ages are told anew. */
const AGE_STEP_MS = 10_000;

/** Always in sight: the site, what waits, how old the desk's knowledge is, who is here. */
export function StatusBar({ view }: { view: AppView }) {
  const { t } = useLingui();
  const { language } = useLanguage();
  const now = useNow(AGE_STEP_MS);
  return (
    <section className={classes.bar} aria-label={t`State of this desk`} data-testid="status-bar">
      <SiteItem desk={view.desk} now={now} />
      <QueueItem desk={view.desk} language={language} />
      <span className={classes.item} data-testid="knowledge-age">
        <IconDatabase size={19} aria-hidden />
        <Age knowledge={view.desk.knowledge} now={now} language={language} />
      </span>
      <PersonItem view={view} />
      <SegmentedControl
        size="xs"
        value={language}
        onChange={(chosen) => speak(chosen as Language)}
        aria-label={t`Language`}
        data-testid="language"
        style={{ flex: "none" }}
        data={LANGUAGES.map((value) => ({
          value,
          label: value.toUpperCase(),
        }))}
      />
    </section>
  );
}

function SiteItem({ desk, now }: { desk: DeskStatus; now: Date }) {
  const { language } = useLanguage();
  const number = (value: number) => formatNumber(value, language);
  const waits = desk.waiting_for_sign_in;
  const site = desk.site;
  let icon = <IconCloudQuestion size={20} aria-hidden />;
  let words: ReactNode = <Trans>Site not reached yet</Trans>;
  if (site.state === "unreachable") {
    const since = formatMoment(new Date(site.since), now);
    icon = <IconCloudOff size={20} aria-hidden />;
    words = <Trans>Site unreachable since {since}</Trans>;
  } else if (site.state === "draining") {
    const [sent, total] = [number(site.sent), number(site.total)];
    icon = <IconCloudUp size={20} aria-hidden />;
    words = (
      <Trans>
        Sending: {sent} of {total}
      </Trans>
    );
  } else if (waits) {
    icon = <IconClockPause size={20} aria-hidden />;
    words = <Trans>Waiting for a librarian to sign in</Trans>;
  } else if (site.state === "reachable") {
    icon = <IconCloudCheck size={20} aria-hidden />;
    words = <Trans>Site reachable</Trans>;
  }
  const state = site.state === "reachable" && waits ? "waiting_for_sign_in" : site.state;
  return (
    <span
      role="status"
      className={`${classes.item} ${classes.site}`}
      data-testid="site-state"
      data-state={state}
    >
      {icon}
      {words}
    </span>
  );
}

function QueueItem({ desk, language }: { desk: DeskStatus; language: Language }) {
  const { waiting, set_aside } = desk.queue;
  const setAside = formatNumber(set_aside, language);
  return (
    <span className={classes.item} data-testid="queue-count" data-count={waiting}>
      <IconInbox size={19} aria-hidden />
      <Plural
        value={waiting}
        _0="Nothing waits to be sent"
        one="# waits to be sent"
        other="# wait to be sent"
      />
      {set_aside > 0 && (
        <b data-testid="set-aside-count">
          · <Trans>{setAside} set aside</Trans>
        </b>
      )}
    </span>
  );
}

function Age(props: { knowledge: Knowledge; now: Date; language: Language }) {
  const { as_of, filling_rows } = props.knowledge;
  if (filling_rows !== null) {
    const rows = formatNumber(filling_rows, props.language);
    return <Trans>Loading local knowledge: {rows} rows</Trans>;
  }
  if (as_of === null) {
    return <Trans>No local knowledge yet</Trans>;
  }
  const minutes = Math.floor((props.now.getTime() - new Date(as_of).getTime()) / 60_000);
  if (minutes < 1) {
    return <Trans>Local knowledge is current</Trans>;
  }
  if (minutes < 60) {
    return (
      <Plural
        value={minutes}
        one="Local knowledge is # minute old"
        other="Local knowledge is # minutes old"
      />
    );
  }
  const moment = formatMoment(new Date(as_of), props.now);
  return <Trans>Local knowledge is of {moment}</Trans>;
}

function PersonItem({ view }: { view: AppView }) {
  const { t } = useLingui();
  const { enrolment, person, site } = view.desk;
  const [changesPassword, setChangesPassword] = useState(false);
  const session = useSession();
  const signOut = useDeed((desk, _: null) => desk.signOut());
  const branch = view.branches.find((candidate) => candidate.code === enrolment?.branch);
  return (
    <span className={`${classes.item} ${classes.push}`}>
      <span className={classes.branch} data-testid="branch">
        {branch?.name ?? enrolment?.branch} {enrolment && `· ${enrolment.name}`}
      </span>
      {person && (
        <>
          <IconUser size={19} aria-hidden />
          <b data-testid="person">{person.name}</b>
          {person.offline && (
            <span data-testid="offline-sign-in">
              <Trans>(signed in offline)</Trans>
            </span>
          )}
          <ActionIcon
            size="md"
            variant="default"
            onClick={() => setChangesPassword(true)}
            aria-label={t`Change the password`}
            title={t`Change the password`}
            data-testid="change-password"
          >
            <IconKey size={17} aria-hidden />
          </ActionIcon>
          {changesPassword && (
            <PasswordDialog site={site} onClose={() => setChangesPassword(false)} />
          )}
          <Button
            size="compact-sm"
            flex="none"
            variant="default"
            onClick={() => signOut.mutate(null)}
            // A scan that is being answered belongs to the person who made it.
            disabled={waitingCount(session) > 0}
            data-testid="sign-out"
          >
            <Trans>Sign out</Trans>
          </Button>
        </>
      )}
    </span>
  );
}

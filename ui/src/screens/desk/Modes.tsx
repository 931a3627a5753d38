import { Trans, useLingui } from "@lingui/react/macro";
import { Group } from "@mantine/core";
import { IconBookDownload, IconBookUpload, IconCalendar, IconRefresh } from "@tabler/icons-react";
import { ActionButton } from "../../components/ActionButton";
import { formatDay } from "../../format";
import type { Session } from "../../session/session";
import { SENSE } from "../../theme";
import classes from "./Desk.module.css";
import type { DeskDeed } from "./keys";

const MODES = [
  { mode: "lend", keys: "F2", icon: IconBookUpload, name: <Trans>Lend</Trans> },
  { mode: "return", keys: "F3", icon: IconBookDownload, name: <Trans>Return</Trans> },
  { mode: "renew", keys: "F4", icon: IconRefresh, name: <Trans>Renew</Trans> },
] as const;

/** What the next book is scanned for. */
export function Modes(props: { session: Session; onDeed: (deed: DeskDeed) => void }) {
  const { t } = useLingui();
  const { mode, returnedOn } = props.session;
  const day = returnedOn === null ? null : formatDay(returnedOn);
  return (
    <Group justify="space-between" gap="xs">
      {/* biome-ignore lint/a11y/useSemanticElements: a fieldset draws its own frame. */}
      <div className={classes.modes} role="group" aria-label={t`What to do with the next book`}>
        {MODES.map(({ mode: name, keys, icon: Icon, name: words }) => (
          <button
            key={name}
            type="button"
            aria-pressed={mode === name}
            aria-keyshortcuts={keys}
            className={classes.mode}
            onClick={() => props.onDeed(name)}
            data-testid={`mode-${name}`}
          >
            <Icon size={26} stroke={1.7} aria-hidden />
            {words}
            <kbd aria-hidden>{keys}</kbd>
          </button>
        ))}
      </div>
      {mode === "return" && (
        <ActionButton
          variant={day ? "filled" : "default"}
          color={SENSE.attention}
          leftSection={<IconCalendar size={18} aria-hidden />}
          keys="F6"
          onClick={() => props.onDeed("returned-on")}
          data-testid="returned-on"
        >
          {day ? <Trans>Returned on {day}</Trans> : <Trans>Returned today</Trans>}
        </ActionButton>
      )}
    </Group>
  );
}

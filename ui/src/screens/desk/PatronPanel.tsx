import { Plural, Trans, useLingui } from "@lingui/react/macro";
import { Badge, Group, Stack, Text, Title } from "@mantine/core";
import { IconIdOff } from "@tabler/icons-react";
import { Link } from "@tanstack/react-router";
import { ActionButton } from "../../components/ActionButton";
import { Category } from "../../components/Category";
import { Notice } from "../../components/Notice";
import { patronName } from "../../components/names";
import { Due } from "../../components/States";
import { useNow } from "../../components/useNow";
import { dayOf, formatDay } from "../../format";
import type { PatronCard, PatronView } from "../../platform/desk";
import { SENSE } from "../../theme";
import classes from "./Desk.module.css";
import type { DeskDeed } from "./keys";

const DAY_STEP_MS = 60_000;

/** Who is being served, and what they have. */
export function PatronPanel(props: {
  patron: PatronView | null;
  onDeed: (deed: DeskDeed) => void;
}) {
  const { t } = useLingui();
  return (
    <aside
      className={classes.patron}
      aria-label={t`Reader being served`}
      data-testid="patron-panel"
    >
      {props.patron ? (
        <Served patron={props.patron} onDeed={props.onDeed} />
      ) : (
        <Stack align="center" justify="center" h="100%" gap="xs">
          <IconIdOff size={56} stroke={1.2} color="#66727e" aria-hidden />
          <Text c="dimmed" ta="center">
            <Trans>No reader. Scan a card to begin.</Trans>
          </Text>
        </Stack>
      )}
    </aside>
  );
}

function Served({ patron, onDeed }: { patron: PatronView; onDeed: (deed: DeskDeed) => void }) {
  const { code, card, loans, loans_max } = patron;
  const today = dayOf(useNow(DAY_STEP_MS));
  return (
    <Stack gap="sm" h="100%">
      <div>
        <Title order={2} size={24} data-testid="patron-name">
          {patronName(patron)}
        </Title>
        <Text c="dimmed">
          <Link to="/patrons" search={{ open: code }} tabIndex={-1}>
            {code}
          </Link>
          {card && (
            <>
              {" "}
              · <Category code={card.category} />
            </>
          )}
        </Text>
      </div>
      {card ? (
        <CardState card={card} today={today} />
      ) : (
        <Notice kind="attention">
          <Trans>This desk does not know this card.</Trans>
        </Notice>
      )}
      <Text fw={600} data-testid="patron-loans" data-count={loans.length}>
        <Plural
          value={loans.length}
          _0="Nothing on loan"
          one="# book on loan"
          other="# books on loan"
        />
        {loans_max !== null && (
          <Text span c="dimmed" fw={400}>
            {" "}
            <Trans>(at most {loans_max})</Trans>
          </Text>
        )}
      </Text>
      <ul className={classes.loans}>
        {loans.map((line) => (
          <li key={line.loan.borrow}>
            <b>{line.title || line.loan.copy}</b>
            <Group justify="space-between" gap="xs">
              <Text size="sm" c="dimmed">
                {line.loan.copy}
              </Text>
              <Due day={line.loan.due} overdue={line.overdue} />
            </Group>
          </li>
        ))}
      </ul>
      <ActionButton variant="default" keys="Esc" onClick={() => onDeed("next-patron")}>
        <Trans>Next reader</Trans>
      </ActionButton>
    </Stack>
  );
}

function CardState({ card, today }: { card: PatronCard; today: string }) {
  const expired = card.card_expires !== null && card.card_expires < today;
  return (
    <>
      {card.block !== null && (
        <Notice kind="error" data-testid="patron-block">
          <b>
            <Trans>Card blocked.</Trans>
          </b>{" "}
          {card.block}
        </Notice>
      )}
      <Group gap="xs">
        <Text>
          <Trans>Card good until</Trans>
        </Text>
        {card.card_expires === null ? (
          <b>
            <Trans>no end</Trans>
          </b>
        ) : expired ? (
          <Badge color={SENSE.bad} size="lg" tt="none" data-testid="card-expired">
            {formatDay(card.card_expires)} · <Trans>expired</Trans>
          </Badge>
        ) : (
          <b>{formatDay(card.card_expires)}</b>
        )}
      </Group>
    </>
  );
}

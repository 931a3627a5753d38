import { Trans } from "@lingui/react/macro";
import { Badge, Button, Group, Loader, SimpleGrid, Stack, Text, Title } from "@mantine/core";
import { IconCalendarPlus, IconEdit, IconLock, IconLockOpen, IconTrash } from "@tabler/icons-react";
import { type ReactNode, useState } from "react";
import { Card } from "../../components/Card";
import { Category } from "../../components/Category";
import { Confirm } from "../../components/Dialog";
import { KnownOf } from "../../components/KnownOf";
import { Loans } from "../../components/Loans";
import { ErrorNotice, Notice } from "../../components/Notice";
import { useNow } from "../../components/useNow";
import { dayOf, formatDay, formatNumber } from "../../format";
import { useLanguage } from "../../i18n";
import type {
  Patron,
  PatronAnswer,
  PatronCard,
  PatronChange,
  PatronView,
} from "../../platform/desk";
import { useDeed, usePatron } from "../../queries";
import { SENSE } from "../../theme";
import { BlockDialog } from "./BlockDialog";
import { PatronForm } from "./PatronForm";
import { RenewButton } from "./RenewButton";

/** How long a card is good when it is extended, in years. */
const CARD_YEARS = 1;
const MINUTE_MS = 60_000;

/** The last day of a card that is extended: a year on from its end, or from today when it has ended. */
export function extended(card_expires: string | null, today: string): string {
  const from = card_expires !== null && card_expires > today ? card_expires : today;
  const [year = 0, month = 1, date = 1] = from.split("-").map(Number);
  const day = new Date(year + CARD_YEARS, month - 1, date);
  // The year after 29 February has no such day: the card is good to the end of the month.
  return dayOf(day.getMonth() === month - 1 ? day : new Date(year + CARD_YEARS, month, 0));
}

/** A patron's record, and what a librarian can do with it. */
export function PatronFilePanel({ code, onClose }: { code: string; onClose: () => void }) {
  const file = usePatron(code);
  const now = useNow(MINUTE_MS);
  if (file.error) {
    return (
      <Stack>
        <ErrorNotice error={file.error} />
        <BackButton onClose={onClose} />
      </Stack>
    );
  }
  if (!file.data) {
    return <Loader mx="auto" />;
  }
  if (!file.data.file) {
    return <Away answer={file.data} now={now} onClose={onClose} />;
  }
  const { patron, loans } = file.data.file;
  return (
    <Stack data-testid="patron-file" data-code={patron.code}>
      <Details patron={patron} today={dayOf(now)} onClose={onClose} />
      <Card>
        <Title order={3} size={19} mb="sm">
          <Trans>Loans</Trans>
        </Title>
        <Loans
          loans={loans}
          of="patron"
          now={now}
          names={bookNames(file.data.view)}
          action={(loan) => <RenewButton copy={loan.copy} />}
        />
      </Card>
    </Stack>
  );
}

/** The names of the books that a patron has now; of earlier ones the desk keeps none. */
function bookNames(view: PatronView): ReadonlyMap<string, string> {
  return new Map(view.loans.map((line) => [line.loan.copy, line.title]));
}

/** What the desk knows while the site, which has the whole record, cannot be asked. */
function Away(props: { answer: PatronAnswer; now: Date; onClose: () => void }) {
  const { view, as_of } = props.answer;
  if (as_of === null || view.card === null) {
    return (
      <Stack>
        <Notice kind="error" data-testid="patron-unknown">
          <Trans>There is no patron {view.code} here. Check the card, or make a new one.</Trans>
        </Notice>
        <BackButton onClose={props.onClose} />
      </Stack>
    );
  }
  const { card } = view;
  return (
    <Stack data-testid="patron-file" data-code={view.code}>
      <KnownOf as_of={as_of} now={props.now} />
      <Card>
        <Stack gap="sm">
          <Heading card={card} onClose={props.onClose} />
          <Text>
            <Trans>Card good until</Trans>{" "}
            <b>{card.card_expires ? formatDay(card.card_expires) : <Trans>no end</Trans>}</b>
          </Text>
        </Stack>
      </Card>
      <Card>
        <Title order={3} size={19} mb="sm">
          <Trans>Open loans</Trans>
        </Title>
        <Loans
          loans={view.loans.map((line) => line.loan)}
          of="patron"
          now={props.now}
          names={bookNames(view)}
          action={(loan) => <RenewButton copy={loan.copy} />}
        />
      </Card>
    </Stack>
  );
}

function Heading({ card, onClose }: { card: PatronCard; onClose: () => void }) {
  return (
    <>
      <Group justify="space-between" align="flex-start" wrap="nowrap">
        <div>
          <Title order={2} size={26} data-testid="patron-file-name">
            {card.name}
          </Title>
          <Text c="dimmed" size="lg">
            {card.code} · <Category code={card.category} />
          </Text>
        </div>
        <BackButton onClose={onClose} />
      </Group>
      {card.block !== null && (
        <Notice kind="error">
          <b>
            <Trans>Card blocked.</Trans>
          </b>{" "}
          {card.block}
        </Notice>
      )}
    </>
  );
}

function BackButton({ onClose }: { onClose: () => void }) {
  return (
    <Button variant="default" onClick={onClose} style={{ alignSelf: "flex-start" }}>
      <Trans>Back to the list</Trans>
    </Button>
  );
}

type Doing = "edit" | "block" | "remove" | null;

function Details(props: { patron: Patron; today: string; onClose: () => void }) {
  const { patron, today } = props;
  const [doing, setDoing] = useState<Doing>(null);
  const save = useDeed((desk, change: PatronChange) => desk.patronSave(change), "patrons");
  const remove = useDeed((desk, code: string) => desk.patronRemove(code), "patrons");
  const change = (what: Partial<Patron>) =>
    save.mutate({ patron: { ...patron, ...what }, seen: patron });
  const expired = patron.card_expires !== null && patron.card_expires < today;
  const stop = () => setDoing(null);
  return (
    <Card>
      <Stack gap="sm">
        <Heading card={patron} onClose={props.onClose} />
        <Facts patron={patron} expired={expired} />
        <ErrorNotice error={save.error} />
        <Group gap="sm">
          <Button
            leftSection={<IconEdit size={18} aria-hidden />}
            onClick={() => setDoing("edit")}
            data-testid="patron-edit"
          >
            <Trans>Change</Trans>
          </Button>
          <Button
            variant="default"
            leftSection={<IconCalendarPlus size={18} aria-hidden />}
            loading={save.isPending}
            disabled={patron.card_expires === null}
            onClick={() => change({ card_expires: extended(patron.card_expires, today) })}
            data-testid="patron-extend"
          >
            <Trans>Extend the card by a year</Trans>
          </Button>
          {patron.block === null ? (
            <Button
              variant="default"
              leftSection={<IconLock size={18} aria-hidden />}
              onClick={() => setDoing("block")}
              data-testid="patron-block-open"
            >
              <Trans>Block</Trans>
            </Button>
          ) : (
            <Button
              variant="default"
              leftSection={<IconLockOpen size={18} aria-hidden />}
              loading={save.isPending}
              onClick={() => change({ block: null })}
              data-testid="patron-unblock"
            >
              <Trans>Unblock</Trans>
            </Button>
          )}
          <Button
            variant="default"
            leftSection={<IconTrash size={18} aria-hidden />}
            onClick={() => setDoing("remove")}
            data-testid="patron-remove"
          >
            <Trans>Remove</Trans>
          </Button>
        </Group>
      </Stack>
      {doing === "edit" && <PatronForm patron={patron} onClose={stop} />}
      {doing === "block" && <BlockDialog patron={patron} onClose={stop} />}
      {doing === "remove" && (
        <Confirm
          title={<Trans>Remove {patron.name}?</Trans>}
          action={<Trans>Remove</Trans>}
          danger
          busy={remove.isPending}
          error={remove.error}
          onConfirm={() => remove.mutate(patron.code, { onSuccess: props.onClose })}
          onClose={stop}
        >
          <Trans>
            The card no longer borrows and is no longer found. The loans stay on record; nothing is
            deleted.
          </Trans>
        </Confirm>
      )}
    </Card>
  );
}

function Facts({ patron, expired }: { patron: Patron; expired: boolean }) {
  const { language } = useLanguage();
  return (
    <SimpleGrid cols={{ base: 2, lg: 4 }} spacing="sm">
      <Fact name={<Trans>Card good until</Trans>}>
        {patron.card_expires === null ? <Trans>no end</Trans> : formatDay(patron.card_expires)}
        {expired && (
          <Badge color={SENSE.bad} ml={8} tt="none">
            <Trans>expired</Trans>
          </Badge>
        )}
      </Fact>
      <Fact name={<Trans>Born</Trans>}>{patron.birth_date && formatDay(patron.birth_date)}</Fact>
      <Fact name={<Trans>Phone</Trans>}>{patron.phone}</Fact>
      <Fact name={<Trans>E-mail</Trans>}>{patron.email}</Fact>
      <Fact name={<Trans>Deposit</Trans>}>{formatNumber(patron.deposit_vnd, language)} ₫</Fact>
      <Fact name={<Trans>Branch</Trans>}>{patron.branch}</Fact>
      {patron.home_branch && (
        <Fact name={<Trans>Visitor from</Trans>}>
          {patron.home_branch} · {patron.home_code}
        </Fact>
      )}
      {patron.note && <Fact name={<Trans>Note</Trans>}>{patron.note}</Fact>}
    </SimpleGrid>
  );
}

function Fact({ name, children }: { name: ReactNode; children: ReactNode }) {
  return (
    <div>
      <Text size="sm" c="dimmed">
        {name}
      </Text>
      <Text component="div">{children || "–"}</Text>
    </div>
  );
}

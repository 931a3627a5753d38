import { Plural, Trans, useLingui } from "@lingui/react/macro";
import {
  Button,
  Group,
  Title as Heading,
  Loader,
  Progress,
  Stack,
  Table,
  Text,
} from "@mantine/core";
import { IconPlayerPlay, IconPrinter } from "@tabler/icons-react";
import { useState } from "react";
import { Card } from "../../components/Card";
import { Confirm } from "../../components/Dialog";
import { LinkButton } from "../../components/LinkButton";
import { ErrorNotice, Notice } from "../../components/Notice";
import { Screen } from "../../components/Screen";
import { TransactionSteps } from "../../components/TransactionSteps";
import { useBranches } from "../../components/useBranches";
import { formatMoment } from "../../format";
import { useLanguage } from "../../i18n";
import type { LeftOut, Message, TransferProgress, TransferView } from "../../platform/desk";
import { useDeed, useTransferOrder, useTransferProgress } from "../../queries";
import { SENSE } from "../../theme";
import { PickListDialog } from "./PickListDialog";
import { Counts, OrderState } from "./TransfersScreen";

/** An order: how far it is, what was left out and why; gone on with, given up, and picked from the shelves. */
export function OrderPanel({ id }: { id: string }) {
  const found = useTransferOrder(id);
  const told = useTransferProgress();
  const progress = told?.order === id ? told : null;
  const resume = useDeed((desk, order: string) => desk.transferResume(order), "transfers");
  const giveUp = useDeed((desk, order: string) => desk.transferGiveUp(order), "transfers");
  const [picks, setPicks] = useState(false);
  const [givesUp, setGivesUp] = useState(false);
  const isRunning = resume.isPending || (progress !== null && !progress.is_over);
  const order = found.data;
  if (!order) {
    return (
      <Screen title={<Trans>Transfers</Trans>} data-testid="order-screen" actions={<Back />}>
        {found.error ? <ErrorNotice error={found.error} /> : <Loader mx="auto" />}
      </Screen>
    );
  }
  // Once it is over, what was written down is told.
  const counts = isRunning && progress ? progress.counts : order.counts;
  const isOpen = counts.waiting + counts.going > 0;
  return (
    <Screen
      title={<Trans>Transfer</Trans>}
      data-testid="order-screen"
      actions={
        <>
          <Back />
          <Button
            variant="default"
            leftSection={<IconPrinter size={18} aria-hidden />}
            onClick={() => setPicks(true)}
            data-testid="order-pick-list"
          >
            <Trans>Pick list</Trans>
          </Button>
          {counts.waiting > 0 && !isRunning && (
            <Button
              variant="default"
              color={SENSE.bad}
              onClick={() => setGivesUp(true)}
              data-testid="order-give-up"
            >
              <Trans>Give up the rest</Trans>
            </Button>
          )}
          {isOpen && (
            <Button
              leftSection={<IconPlayerPlay size={18} aria-hidden />}
              loading={isRunning}
              onClick={() => resume.mutate(id)}
              data-testid="order-run"
            >
              <Trans>Go on</Trans>
            </Button>
          )}
        </>
      }
    >
      <ErrorNotice error={found.error ?? resume.error ?? giveUp.error} />
      <Running
        order={order}
        progress={progress}
        isRunning={isRunning}
        trouble={progress?.trouble ?? null}
      />
      <LeftOutTable lines={order.left_out} />
      {picks && <PickListDialog id={id} onClose={() => setPicks(false)} />}
      {givesUp && (
        <Confirm
          title={<Trans>Give up the copies that wait?</Trans>}
          action={<Trans>Give up</Trans>}
          danger
          busy={giveUp.isPending}
          error={giveUp.error}
          onConfirm={() => giveUp.mutate(id, { onSuccess: () => setGivesUp(false) })}
          onClose={() => setGivesUp(false)}
        >
          <Trans>They stay where they are. What was moved already stays moved.</Trans>
        </Confirm>
      )}
    </Screen>
  );
}

function Back() {
  return (
    <LinkButton to="/transfers" search={{}} variant="default" data-testid="order-back">
      <Trans>All transfers</Trans>
    </LinkButton>
  );
}

function Running(props: {
  order: TransferView;
  progress: TransferProgress | null;
  isRunning: boolean;
  trouble: Message | null;
}) {
  const { t } = useLingui();
  const { say } = useLanguage();
  const { nameOf } = useBranches();
  const { order, progress, isRunning, trouble } = props;
  const counts = isRunning && progress ? progress.counts : order.counts;
  const all = counts.waiting + counts.going + counts.moved + counts.refused + counts.given_up;
  const { placed_by } = order.head;
  const moment = formatMoment(new Date(order.head.placed_at), new Date());
  return (
    <Card data-testid="order" data-running={isRunning} data-moved={counts.moved}>
      <Stack gap="sm">
        <Heading order={2} size={20}>
          {nameOf(order.head.from)} → {nameOf(order.head.to)}
        </Heading>
        <Group justify="space-between">
          <Text c="dimmed">
            <Trans>
              Ordered {moment} by {placed_by}
            </Trans>
          </Text>
          <OrderState counts={counts} />
        </Group>
        <Progress
          size="lg"
          value={all === 0 ? 0 : ((counts.moved + counts.refused + counts.given_up) / all) * 100}
          color={SENSE.good}
          animated={isRunning}
          aria-label={t`How much of the order is done`}
        />
        <Text fw={600}>
          <Counts counts={counts} />
        </Text>
        {progress?.part && (
          <Stack gap={6} data-testid="order-part">
            <Text>
              {progress.is_over ? (
                <Plural
                  value={progress.part.copies}
                  one="The last part had # copy:"
                  other="The last part had # copies:"
                />
              ) : (
                <Plural
                  value={progress.part.copies}
                  one="A part of # copy runs now:"
                  other="A part of # copies runs now:"
                />
              )}
            </Text>
            <TransactionSteps sites={progress.part.sites} />
          </Stack>
        )}
        {trouble && !isRunning && (
          <Notice kind="attention" data-testid="order-trouble">
            {say(trouble)}
          </Notice>
        )}
      </Stack>
    </Card>
  );
}

/** What stays, each copy with its reason. */
function LeftOutTable({ lines }: { lines: readonly LeftOut[] }) {
  const { t } = useLingui();
  const { say } = useLanguage();
  if (lines.length === 0) {
    return null;
  }
  return (
    <Card>
      <Table
        verticalSpacing={6}
        aria-label={t`Copies that were left out`}
        data-testid="order-left-out"
      >
        <Table.Thead>
          <Table.Tr>
            <Table.Th>
              <Trans>Left out</Trans>
            </Table.Th>
            <Table.Th>
              <Trans>Title</Trans>
            </Table.Th>
            <Table.Th>
              <Trans>Why</Trans>
            </Table.Th>
          </Table.Tr>
        </Table.Thead>
        <Table.Tbody>
          {lines.map((line) => (
            <Table.Tr key={line.copy}>
              <Table.Td>{line.copy}</Table.Td>
              <Table.Td>{line.title_name}</Table.Td>
              <Table.Td>{say(line.message)}</Table.Td>
            </Table.Tr>
          ))}
        </Table.Tbody>
      </Table>
    </Card>
  );
}

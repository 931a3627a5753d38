import { Plural, Trans, useLingui } from "@lingui/react/macro";
import { Badge, Button, Group, Loader, SegmentedControl, Stack, Text } from "@mantine/core";
import { IconFileExport, IconSend } from "@tabler/icons-react";
import { useState } from "react";
import { Empty } from "../../components/Empty";
import { ErrorNotice, Notice } from "../../components/Notice";
import { copyName } from "../../components/names";
import { type Column, Rows } from "../../components/Rows";
import { Screen } from "../../components/Screen";
import { formatMoment, formatNumber } from "../../format";
import { useLanguage } from "../../i18n";
import type { QueueExport, QueueFilter, QueueLine } from "../../platform/desk";
import { useAppView, useDeed, useQueue } from "../../queries";
import { SENSE } from "../../theme";
import { DeedName } from "./DeedName";

/** What this desk has written down: what waits, what was set aside and why, and what has arrived. */
export function QueueScreen() {
  const { t } = useLingui();
  const { language } = useLanguage();
  const [filter, setFilter] = useState<QueueFilter>("waiting");
  const counts = useAppView().data?.desk.queue;
  const list = useQueue(filter);
  const send = useDeed((desk, _: null) => desk.queueSend(), "queue");
  const exported = useDeed((desk, _: null) => desk.queueExport());
  const rows = list.data?.pages.flat() ?? [];
  const waiting = formatNumber(counts?.waiting ?? 0, language);
  const setAside = formatNumber(counts?.set_aside ?? 0, language);
  return (
    <Screen
      title={<Trans>Queue</Trans>}
      data-testid="queue-screen"
      actions={
        <>
          <Button
            variant="default"
            leftSection={<IconFileExport size={18} aria-hidden />}
            loading={exported.isPending}
            onClick={() => exported.mutate(null)}
            data-testid="queue-export"
          >
            <Trans>Export what is set aside</Trans>
          </Button>
          <Button
            leftSection={<IconSend size={18} aria-hidden />}
            loading={send.isPending}
            onClick={() => send.mutate(null)}
            data-testid="queue-send"
          >
            <Trans>Send now</Trans>
          </Button>
        </>
      }
      top={
        <Stack gap="sm">
          <SegmentedControl
            size="md"
            value={filter}
            onChange={(chosen) => setFilter(chosen as QueueFilter)}
            aria-label={t`Which scans`}
            data-testid="queue-filter"
            style={{ alignSelf: "flex-start" }}
            data={[
              { value: "waiting", label: t`Waiting (${waiting})` },
              { value: "set_aside", label: t`Set aside (${setAside})` },
              { value: "all", label: t`All that are kept` },
            ]}
          />
          <ErrorNotice error={send.error ?? exported.error ?? list.error} />
          {exported.data && <Exported exported={exported.data} />}
        </Stack>
      }
    >
      {list.isPending && !list.error ? (
        <Loader mx="auto" />
      ) : rows.length === 0 ? (
        <Empty>
          <EmptyWords filter={filter} />
        </Empty>
      ) : (
        <QueueRows
          rows={rows}
          onEnd={() => list.hasNextPage && !list.isFetching && list.fetchNextPage()}
        />
      )}
    </Screen>
  );
}

function Exported({ exported }: { exported: QueueExport }) {
  return (
    <Notice kind="info" data-testid="queue-exported">
      <Plural
        value={exported.events}
        _0="Nothing was set aside; the file is empty:"
        one="# scan was written to"
        other="# scans were written to"
      />{" "}
      <b>{exported.file}</b>
    </Notice>
  );
}

function EmptyWords({ filter }: { filter: QueueFilter }) {
  switch (filter) {
    case "waiting":
      return <Trans>Nothing waits: the site has everything that was scanned here.</Trans>;
    case "set_aside":
      return <Trans>Nothing was set aside: the site could take every scan.</Trans>;
    case "all":
      return <Trans>Nothing has been scanned at this desk yet.</Trans>;
  }
}

function QueueRows({ rows, onEnd }: { rows: readonly QueueLine[]; onEnd: () => void }) {
  const { t } = useLingui();
  const now = new Date();
  const columns: Column<QueueLine>[] = [
    {
      key: "at",
      head: <Trans>Scanned</Trans>,
      width: "150px",
      cell: (item) => formatMoment(new Date(item.queued.event.at), now),
    },
    {
      key: "deed",
      head: <Trans>What</Trans>,
      width: "110px",
      cell: (item) => <DeedName deed={item.queued.event.deed.kind} />,
    },
    {
      key: "copy",
      head: <Trans>Book</Trans>,
      width: "minmax(200px, 1fr)",
      cell: (item) => (
        <Stack gap={0}>
          <Text truncate>{copyName(item.copy)}</Text>
          <Text size="sm" c="dimmed">
            {item.copy.barcode}
            {item.queued.event.deed.kind === "borrow" && ` · ${item.queued.event.deed.patron}`}
          </Text>
        </Stack>
      ),
    },
    {
      key: "by",
      head: <Trans>Scanned by</Trans>,
      width: "110px",
      cell: (item) => item.queued.event.scanned_by,
    },
    {
      key: "state",
      head: <Trans>State</Trans>,
      width: "minmax(240px, 1.2fr)",
      cell: (item) => <QueueState item={item} />,
    },
  ];
  return (
    <Rows
      label={t`Scans of this desk`}
      rows={rows}
      columns={columns}
      rowKey={(item) => item.queued.event.id}
      rowHeight_px={76}
      onEnd={onEnd}
      data-testid="queue-rows"
    />
  );
}

function QueueState({ item }: { item: QueueLine }) {
  const { say } = useLanguage();
  const retry = useDeed((desk, event: string) => desk.queueRetry(event), "queue");
  const reason = item.message ? say(item.message) : "";
  switch (item.queued.state.state) {
    case "waiting":
      return (
        <Badge color="ink" variant="light" size="lg" tt="none">
          <Trans>waits to be sent</Trans>
        </Badge>
      );
    case "acknowledged":
      return (
        <Badge color={SENSE.good} variant="light" size="lg" tt="none">
          <Trans>the site has it</Trans>
        </Badge>
      );
    case "withdrawn":
      return (
        <Badge color={SENSE.gone} variant="outline" size="lg" tt="none">
          <Trans>withdrawn</Trans>
        </Badge>
      );
    case "refused":
      return <Text size="sm">{reason}</Text>;
    case "set_aside":
      return (
        <Group gap="xs" wrap="nowrap">
          <Text size="sm" lineClamp={3} title={reason}>
            {reason}
          </Text>
          <Button
            size="compact-sm"
            variant="default"
            flex="none"
            loading={retry.isPending}
            onClick={() => retry.mutate(item.queued.event.id)}
            data-testid="queue-retry"
          >
            <Trans>Try again</Trans>
          </Button>
        </Group>
      );
  }
}

import { Trans, useLingui } from "@lingui/react/macro";
import { Button, Group, Loader, SegmentedControl, Stack, Text } from "@mantine/core";
import { useState } from "react";
import { Card } from "../../components/Card";
import { Empty } from "../../components/Empty";
import { ErrorNotice } from "../../components/Notice";
import { Screen } from "../../components/Screen";
import { formatMoment, formatNumber } from "../../format";
import { useLanguage } from "../../i18n";
import type { ChangeFilter, PendingView } from "../../platform/desk";
import { useChanges, useDeed } from "../../queries";
import { ChangeBadge } from "./ChangeState";
import { EntryWords } from "./ChangeWords";
import { Compare } from "./Compare";

/** Changes of what every site holds: those that wait and for whom, those that were refused and why. */
export function ChangesScreen() {
  const { t } = useLingui();
  const { language } = useLanguage();
  const [filter, setFilter] = useState<ChangeFilter>("waiting");
  const list = useChanges(filter);
  const counts = list.data?.pages.at(-1)?.counts;
  const [compared, setCompared] = useState<PendingView | null>(null);
  const rows = list.data?.pages.flatMap((page) => page.changes) ?? [];
  const waiting = formatNumber(counts?.waiting ?? 0, language);
  const refused = formatNumber(counts?.refused ?? 0, language);
  return (
    <Screen
      title={<Trans>Changes for all sites</Trans>}
      data-testid="changes-screen"
      top={
        <Stack gap="sm">
          <SegmentedControl
            size="md"
            value={filter}
            onChange={(chosen) => setFilter(chosen as ChangeFilter)}
            aria-label={t`Which changes`}
            data-testid="changes-filter"
            style={{ alignSelf: "flex-start" }}
            data={[
              { value: "waiting", label: t`Waiting (${waiting})` },
              { value: "refused", label: t`Refused (${refused})` },
              { value: "all", label: t`All that are kept` },
            ]}
          />
          <ErrorNotice error={list.error} />
        </Stack>
      }
    >
      {list.isPending && !list.error ? (
        <Loader mx="auto" />
      ) : rows.length === 0 ? (
        <Empty>
          <Nothing filter={filter} />
        </Empty>
      ) : (
        <Stack gap="sm" component="ul" m={0} p={0} style={{ listStyle: "none" }}>
          {rows.map((entry) => (
            <Entry key={entry.id} entry={entry} onCompare={() => setCompared(entry)} />
          ))}
          {list.hasNextPage && (
            <Button
              variant="default"
              loading={list.isFetchingNextPage}
              onClick={() => void list.fetchNextPage()}
            >
              <Trans>More</Trans>
            </Button>
          )}
        </Stack>
      )}
      {compared && <Compare entry={compared} onClose={() => setCompared(null)} />}
    </Screen>
  );
}

function Nothing({ filter }: { filter: ChangeFilter }) {
  switch (filter) {
    case "waiting":
      return <Trans>Nothing waits: every change is done at all sites.</Trans>;
    case "refused":
      return <Trans>No change was refused.</Trans>;
    case "all":
      return <Trans>Nothing was changed from this desk in the last months.</Trans>;
  }
}

function Entry({ entry, onCompare }: { entry: PendingView; onCompare: () => void }) {
  const { say } = useLanguage();
  const retry = useDeed((desk, id: string) => desk.changeRetry(id), "changes", "titles", "rules");
  const withdraw = useDeed((desk, id: string) => desk.changeWithdraw(id), "changes");
  const moment = formatMoment(new Date(entry.made_at), new Date());
  const { made_by } = entry;
  const { state } = entry;
  const isOpen = state === "waiting" || state === "refused";
  return (
    <li data-testid="change" data-state={state}>
      <Card>
        <Group justify="space-between" align="flex-start" wrap="nowrap">
          <div style={{ minWidth: 0 }}>
            <EntryWords entry={entry} />
            <Text size="sm" c="dimmed">
              <Trans>
                {moment} by {made_by}
              </Trans>
            </Text>
          </div>
          <ChangeBadge entry={entry} />
        </Group>
        {isOpen && entry.message && (
          <Text mt={6} data-testid="change-message">
            {say(entry.message)}
          </Text>
        )}
        <ErrorNotice error={retry.error ?? withdraw.error} />
        {isOpen && (
          <Group gap="sm" mt="sm">
            {state === "refused" && (
              <Button size="compact-md" onClick={onCompare} data-testid="change-compare">
                <Trans>Compare</Trans>
              </Button>
            )}
            <Button
              size="compact-md"
              variant="default"
              loading={retry.isPending}
              onClick={() => retry.mutate(entry.id)}
              data-testid="change-retry"
            >
              <Trans>Try again</Trans>
            </Button>
            <Button
              size="compact-md"
              variant="default"
              loading={withdraw.isPending}
              onClick={() => withdraw.mutate(entry.id)}
              data-testid="change-withdraw"
            >
              <Trans>Withdraw</Trans>
            </Button>
          </Group>
        )}
      </Card>
    </li>
  );
}

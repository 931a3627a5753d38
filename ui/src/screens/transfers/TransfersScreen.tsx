import { Trans, useLingui } from "@lingui/react/macro";
import { Badge, Loader, Text } from "@mantine/core";
import { IconPlus } from "@tabler/icons-react";
import { Link, useNavigate, useSearch } from "@tanstack/react-router";
import { Empty } from "../../components/Empty";
import { LinkButton } from "../../components/LinkButton";
import { ErrorNotice } from "../../components/Notice";
import { type Column, Rows } from "../../components/Rows";
import { Screen } from "../../components/Screen";
import { useBranches } from "../../components/useBranches";
import { formatMoment, formatNumber } from "../../format";
import { useLanguage } from "../../i18n";
import type { OrderSummary } from "../../platform/desk";
import { useTransferOrders } from "../../queries";
import { SENSE } from "../../theme";
import { Compose } from "./Compose";
import { OrderPanel } from "./OrderPanel";

/** What was ordered to be moved between branches, and how far each order came. */
export function TransfersScreen() {
  const { open, compose } = useSearch({ from: "/transfers" });
  if (compose) {
    return <Compose />;
  }
  return open === undefined ? <Orders /> : <OrderPanel id={open} />;
}

function Orders() {
  const orders = useTransferOrders();
  const rows = orders.data?.pages.flat() ?? [];
  return (
    <Screen
      title={<Trans>Transfers</Trans>}
      data-testid="transfers-screen"
      actions={
        <LinkButton
          to="/transfers"
          search={{ compose: true }}
          leftSection={<IconPlus size={18} aria-hidden />}
          data-testid="transfer-compose"
        >
          <Trans>New transfer</Trans>
        </LinkButton>
      }
    >
      <ErrorNotice error={orders.error} />
      {orders.isPending && !orders.error ? (
        <Loader mx="auto" />
      ) : rows.length === 0 && !orders.error ? (
        <Empty>
          <Trans>
            No transfer was ordered at this desk in the last months. Begin a new one to move books
            from one branch to another.
          </Trans>
        </Empty>
      ) : (
        <OrderRows
          rows={rows}
          onEnd={() => orders.hasNextPage && !orders.isFetching && orders.fetchNextPage()}
        />
      )}
    </Screen>
  );
}

function OrderRows({ rows, onEnd }: { rows: readonly OrderSummary[]; onEnd: () => void }) {
  const { t } = useLingui();
  const { nameOf } = useBranches();
  const navigate = useNavigate();
  const now = new Date();
  const columns: Column<OrderSummary>[] = [
    {
      key: "at",
      head: <Trans>Ordered</Trans>,
      width: "150px",
      cell: ({ head }) => (
        <Link to="/transfers" search={{ open: head.id }} data-testid="transfer-open">
          {formatMoment(new Date(head.placed_at), now)}
        </Link>
      ),
    },
    {
      key: "way",
      head: <Trans>From, to</Trans>,
      width: "minmax(220px, 1.6fr)",
      cell: ({ head }) => (
        <Text truncate>
          {nameOf(head.from)} → {nameOf(head.to)}
        </Text>
      ),
    },
    {
      key: "by",
      head: <Trans>By</Trans>,
      width: "110px",
      cell: ({ head }) => head.placed_by,
    },
    {
      key: "counts",
      head: <Trans>Copies</Trans>,
      width: "minmax(240px, 1.4fr)",
      cell: ({ counts }) => <Counts counts={counts} />,
    },
    {
      key: "state",
      head: <Trans>State</Trans>,
      width: "170px",
      cell: ({ counts }) => <OrderState counts={counts} />,
    },
  ];
  return (
    <Rows
      label={t`Transfers ordered here`}
      rows={rows}
      columns={columns}
      rowKey={({ head }) => head.id}
      onEnd={onEnd}
      onOpen={({ head }) => void navigate({ to: "/transfers", search: { open: head.id } })}
      data-testid="transfers"
    />
  );
}

/** How far an order came, in numbers. */
export function Counts({ counts }: Pick<OrderSummary, "counts">) {
  const { language } = useLanguage();
  const number = (value: number) => formatNumber(value, language);
  const { moved, refused, waiting, going, given_up } = counts;
  const parts = [
    moved > 0 && <Trans key="moved">{number(moved)} moved</Trans>,
    going > 0 && <Trans key="going">{number(going)} under way</Trans>,
    waiting > 0 && <Trans key="waiting">{number(waiting)} waiting</Trans>,
    refused > 0 && <Trans key="refused">{number(refused)} left out</Trans>,
    given_up > 0 && <Trans key="given-up">{number(given_up)} given up</Trans>,
  ].filter(Boolean);
  return <>{parts.flatMap((part, nth) => (nth === 0 ? [part] : [" · ", part]))}</>;
}

/** Whether something is left to do. */
export function OrderState({ counts }: Pick<OrderSummary, "counts">) {
  if (counts.going > 0) {
    return (
      <Badge color={SENSE.attention} size="lg" tt="none" data-testid="order-state">
        <Trans>not finished</Trans>
      </Badge>
    );
  }
  if (counts.waiting > 0) {
    return (
      <Badge color="ink" size="lg" tt="none" data-testid="order-state">
        <Trans>waits to go on</Trans>
      </Badge>
    );
  }
  return (
    <Badge color={SENSE.good} variant="light" size="lg" tt="none" data-testid="order-state">
      <Trans>finished</Trans>
    </Badge>
  );
}

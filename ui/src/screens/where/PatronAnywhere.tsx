import { Trans, useLingui } from "@lingui/react/macro";
import { Badge, Button, Group, Title as Heading, Loader, Stack, Table, Text } from "@mantine/core";
import { useNavigate } from "@tanstack/react-router";
import { useState } from "react";
import { Card } from "../../components/Card";
import { Category } from "../../components/Category";
import { ErrorNotice } from "../../components/Notice";
import { SiteAnswers } from "../../components/SiteAnswers";
import { Due } from "../../components/States";
import { useBranches } from "../../components/useBranches";
import { dayOf, formatDay } from "../../format";
import type { LoanPlace, PatronCard, PatronLoan } from "../../platform/desk";
import { usePatronHistory } from "../../queries";
import { SENSE } from "../../theme";

/** A patron's cards and loans at all branches. */
export function PatronAnywhere({ branch, code }: { branch: string; code: string }) {
  const navigate = useNavigate();
  const { nameOf } = useBranches();
  // Where each page that was looked at begins; the last is the one that is shown.
  const [pages, setPages] = useState<readonly (LoanPlace | null)[]>([null]);
  const asked = usePatronHistory({ branch, code }, pages.at(-1) ?? null);
  const cards =
    asked.whole?.history.cards ?? asked.news.flatMap(({ answer }) => answer?.cards ?? []);
  // Loans of several sites are in their order only once all are there.
  const loans = asked.whole?.history.loans ?? null;
  const behind = asked.whole?.history.behind ?? null;
  const own = cards.find((card) => card.home_branch === null);
  return (
    <Card data-testid="patron-anywhere" data-code={code} data-asking={asked.isAsking}>
      <Group justify="space-between" align="baseline">
        <Heading order={2} size={20}>
          {own?.name ?? cards[0]?.name ?? code}
        </Heading>
        <Text c="dimmed">
          {code} · {nameOf(branch)}
        </Text>
      </Group>
      <Stack gap="sm" mt="sm">
        <ErrorNotice error={asked.error} />
        <SiteAnswers parts={asked.news} isAsking={asked.isAsking} onAgain={asked.again} />
        <Cards cards={cards} />
        {loans ? <History loans={loans} /> : <Loader />}
        <Group justify="space-between">
          <Button
            variant="default"
            onClick={() =>
              pages.length > 1
                ? setPages(pages.slice(0, -1))
                : void navigate({ to: "/where", search: { of: "patron" } })
            }
          >
            {pages.length > 1 ? <Trans>Later loans</Trans> : <Trans>Another patron</Trans>}
          </Button>
          {behind && (
            <Button
              variant="default"
              onClick={() => setPages([...pages, behind])}
              data-testid="history-more"
            >
              <Trans>Earlier loans</Trans>
            </Button>
          )}
        </Group>
      </Stack>
    </Card>
  );
}

function Cards({ cards }: { cards: readonly PatronCard[] }) {
  const { t } = useLingui();
  const { nameOf } = useBranches();
  if (cards.length === 0) {
    return null;
  }
  return (
    <Table verticalSpacing={5} aria-label={t`Cards`}>
      <Table.Tbody>
        {cards.map((card) => (
          <Table.Tr key={`${card.branch} ${card.code}`}>
            <Table.Th scope="row" fw={500}>
              {nameOf(card.branch)}
            </Table.Th>
            <Table.Td>{card.code}</Table.Td>
            <Table.Td>
              {card.home_branch === null ? (
                <Category code={card.category} />
              ) : (
                <Trans>visitor card</Trans>
              )}
            </Table.Td>
            <Table.Td>
              {card.card_expires && <Trans>good until {formatDay(card.card_expires)}</Trans>}
            </Table.Td>
            <Table.Td>
              {card.block !== null && (
                <Badge color={SENSE.bad} size="lg" tt="none">
                  <Trans>blocked</Trans>
                </Badge>
              )}
            </Table.Td>
          </Table.Tr>
        ))}
      </Table.Tbody>
    </Table>
  );
}

function History({ loans }: { loans: readonly PatronLoan[] }) {
  const { t } = useLingui();
  const { nameOf } = useBranches();
  const today = dayOf(new Date());
  if (loans.length === 0) {
    return (
      <Text c="dimmed">
        <Trans>No loans at the branches that answered.</Trans>
      </Text>
    );
  }
  return (
    <Table striped verticalSpacing={5} aria-label={t`Loans at all branches`} data-testid="history">
      <Table.Thead>
        <Table.Tr>
          <Table.Th>
            <Trans>Copy</Trans>
          </Table.Th>
          <Table.Th>
            <Trans>Branch</Trans>
          </Table.Th>
          <Table.Th>
            <Trans>Lent</Trans>
          </Table.Th>
          <Table.Th>
            <Trans>Due</Trans>
          </Table.Th>
          <Table.Th>
            <Trans>Back</Trans>
          </Table.Th>
        </Table.Tr>
      </Table.Thead>
      <Table.Tbody>
        {loans.map(({ loan, title }) => {
          const isOut = loan.ended_at === null && !loan.undone;
          return (
            <Table.Tr key={loan.borrow}>
              <Table.Td>
                {title} · {loan.copy}
              </Table.Td>
              <Table.Td>{nameOf(loan.branch)}</Table.Td>
              <Table.Td>{formatDay(dayOf(new Date(loan.borrowed_at)))}</Table.Td>
              <Table.Td>
                <Due day={loan.due} overdue={isOut && loan.due < today} />
              </Table.Td>
              <Table.Td>
                {loan.undone ? (
                  <Trans>undone</Trans>
                ) : loan.ended_at === null ? (
                  <Trans>still out</Trans>
                ) : (
                  formatDay(loan.returned_on ?? dayOf(new Date(loan.ended_at)))
                )}
              </Table.Td>
            </Table.Tr>
          );
        })}
      </Table.Tbody>
    </Table>
  );
}

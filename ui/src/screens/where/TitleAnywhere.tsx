import { Trans, useLingui } from "@lingui/react/macro";
import { Title as Heading, Table, Text } from "@mantine/core";
import { Card } from "../../components/Card";
import { ErrorNotice } from "../../components/Notice";
import { SiteAnswers } from "../../components/SiteAnswers";
import { useBranches } from "../../components/useBranches";
import { formatMoment, formatNumber } from "../../format";
import { useLanguage } from "../../i18n";
import type { Holding, TitleAt } from "../../platform/desk";
import { useWhereIsTitle } from "../../queries";
import { SENSE } from "../../theme";

const NUMBERS = ["free", "on_loan", "in_transit", "unusable", "copies"] as const;

/** What each branch has of a title. */
export function TitleAnywhere({ title }: { title: string }) {
  const { t } = useLingui();
  const { branches, nameOf } = useBranches();
  const asked = useWhereIsTitle(title);
  const heard = new Map(asked.news.map((at) => [at.branch, at]));
  const { title: known, total, coverage } = asked.whole ?? {};
  return (
    <Card data-testid="title-anywhere" data-title={title} data-asking={asked.isAsking}>
      <Heading order={2} size={20}>
        {known?.name ?? title}
      </Heading>
      <Text c="dimmed" mb="sm">
        {[known?.author, known?.publisher, known?.year, title].filter(Boolean).join(" · ")}
      </Text>
      <ErrorNotice error={asked.error} />
      <SiteAnswers parts={asked.news} isAsking={asked.isAsking} onAgain={asked.again} />
      <Table mt="sm" verticalSpacing={6} aria-label={t`Copies at each branch`}>
        <Table.Thead>
          <Table.Tr>
            <Table.Th>
              <Trans>Branch</Trans>
            </Table.Th>
            <NumberHeads />
          </Table.Tr>
        </Table.Thead>
        <Table.Tbody>
          {branches.map(({ code }) => (
            <Table.Tr
              key={code}
              data-testid={`holding-${code}`}
              data-free={heard.get(code)?.holding?.free}
            >
              <Table.Th scope="row" fw={500}>
                {nameOf(code)}
              </Table.Th>
              <At at={heard.get(code) ?? null} />
            </Table.Tr>
          ))}
          {total && (
            <Table.Tr fw={600} data-testid="holding-total" data-free={total.free}>
              <Table.Th scope="row">
                {coverage?.absent.length === 0 ? (
                  <Trans>All branches</Trans>
                ) : (
                  <Trans>Of the branches that answered</Trans>
                )}
              </Table.Th>
              <Numbers holding={total} />
            </Table.Tr>
          )}
        </Table.Tbody>
      </Table>
    </Card>
  );
}

/** What a branch says; where it says nothing, what this desk knows of it, with its age. */
function At({ at }: { at: TitleAt | null }) {
  const { language } = useLanguage();
  if (at?.holding) {
    return <Numbers holding={at.holding} />;
  }
  const known = at?.known;
  if (known) {
    const moment = known.as_of && formatMoment(new Date(known.as_of), new Date());
    const [free, copies] = [known.free, known.copies].map((count) => formatNumber(count, language));
    return (
      <Table.Td colSpan={NUMBERS.length} ta="right" data-testid="holding-known">
        {moment ? (
          <Trans>
            at {moment} this desk knew: {free} of {copies} on the shelf
          </Trans>
        ) : (
          <Trans>
            this desk knew: {free} of {copies} on the shelf
          </Trans>
        )}
      </Table.Td>
    );
  }
  return (
    <Table.Td colSpan={NUMBERS.length} ta="right" c="dimmed">
      {at ? <Trans>no answer</Trans> : <Trans>is asked…</Trans>}
    </Table.Td>
  );
}

function NumberHeads() {
  return (
    <>
      <Table.Th ta="right">
        <Trans>On the shelf</Trans>
      </Table.Th>
      <Table.Th ta="right">
        <Trans>On loan</Trans>
      </Table.Th>
      <Table.Th ta="right">
        <Trans>In transit</Trans>
      </Table.Th>
      <Table.Th ta="right">
        <Trans>Damaged, lost, withdrawn</Trans>
      </Table.Th>
      <Table.Th ta="right">
        <Trans>Copies in all</Trans>
      </Table.Th>
    </>
  );
}

function Numbers({ holding }: { holding: Holding }) {
  const { language } = useLanguage();
  return NUMBERS.map((number) => (
    <Table.Td
      key={number}
      ta="right"
      {...(number === "free" && holding.free > 0 && { c: SENSE.good, fw: 600 })}
    >
      {formatNumber(holding[number], language)}
    </Table.Td>
  ));
}

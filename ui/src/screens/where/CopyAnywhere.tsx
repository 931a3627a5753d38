import { Trans, useLingui } from "@lingui/react/macro";
import { Group, Title as Heading, Stack, Table, Text } from "@mantine/core";
import { Card } from "../../components/Card";
import { ErrorNotice, Notice } from "../../components/Notice";
import { SiteAnswers } from "../../components/SiteAnswers";
import { Due, StateBadge } from "../../components/States";
import { useBranches } from "../../components/useBranches";
import { dayOf } from "../../format";
import type { CopyPlace, Whereabouts } from "../../platform/desk";
import { useWhereIsCopy } from "../../queries";

/** Where a copy is, and where it has been. */
export function CopyAnywhere({ barcode }: { barcode: string }) {
  const { t } = useLingui();
  const asked = useWhereIsCopy(barcode);
  const places = asked.news.flatMap(({ branch, answer }) =>
    answer?.place ? [{ branch, place: answer.place }] : [],
  );
  const title = places[0]?.place.title;
  return (
    <Card data-testid="copy-anywhere" data-barcode={barcode} data-asking={asked.isAsking}>
      <Group justify="space-between" align="baseline">
        <Heading order={2} size={20}>
          {title?.name ?? barcode}
        </Heading>
        <Text c="dimmed">{barcode}</Text>
      </Group>
      <Text c="dimmed" mb="sm">
        {[title?.author, title?.publisher, title?.key].filter(Boolean).join(" · ")}
      </Text>
      <Stack gap="sm">
        <ErrorNotice error={asked.error} />
        <SiteAnswers parts={asked.news} isAsking={asked.isAsking} onAgain={asked.again} />
        {asked.whole && (
          <Verdict
            whereabouts={asked.whole.whereabouts}
            isWhole={asked.whole.coverage.absent.length === 0}
          />
        )}
        {places.length > 0 && (
          <Table verticalSpacing={6} aria-label={t`The copy at each branch`}>
            <Table.Thead>
              <Table.Tr>
                <Table.Th>
                  <Trans>Branch</Trans>
                </Table.Th>
                <Table.Th>
                  <Trans>State</Trans>
                </Table.Th>
                <Table.Th>
                  <Trans>Shelf mark</Trans>
                </Table.Th>
                <Table.Th>
                  <Trans>With</Trans>
                </Table.Th>
                <Table.Th>
                  <Trans>Due</Trans>
                </Table.Th>
              </Table.Tr>
            </Table.Thead>
            <Table.Tbody>
              {places.map(({ branch, place }) => (
                <Place key={branch} branch={branch} place={place} />
              ))}
            </Table.Tbody>
          </Table>
        )}
      </Stack>
    </Card>
  );
}

/** What the sites say together. */
function Verdict(props: { whereabouts: Whereabouts; isWhole: boolean }) {
  const { nameOf } = useBranches();
  const { whereabouts } = props;
  switch (whereabouts.kind) {
    case "at": {
      const branch = nameOf(whereabouts.branch);
      return (
        <Notice kind="info" data-testid="whereabouts">
          <Trans>
            The copy belongs to <b>{branch}</b> now.
          </Trans>
        </Notice>
      );
    }
    case "went_to": {
      const branch = nameOf(whereabouts.branch);
      return (
        <Notice kind="attention" data-testid="whereabouts">
          <Trans>
            The copy went to <b>{branch}</b>, from where there is no answer.
          </Trans>
        </Notice>
      );
    }
    case "at_several": {
      const branches = whereabouts.branches.map(nameOf).join(", ");
      return (
        <Notice kind="error" data-testid="whereabouts">
          <Trans>
            Several branches have this barcode at once: {branches}. Compare the books, and give one
            of them another barcode.
          </Trans>
        </Notice>
      );
    }
    case "unknown":
      return (
        <Notice kind="attention" data-testid="whereabouts">
          {props.isWhole ? (
            <Trans>No branch knows this barcode. Check it and search again.</Trans>
          ) : (
            <Trans>
              No branch that answered knows this barcode. One that did not answer may have it.
            </Trans>
          )}
        </Notice>
      );
  }
}

function Place({ branch, place }: { branch: string; place: CopyPlace }) {
  const { nameOf } = useBranches();
  const { copy, loan, holder } = place;
  const gone = copy.forwarded_to && nameOf(copy.forwarded_to);
  const from = place.coming_from && nameOf(place.coming_from);
  return (
    <Table.Tr data-testid={`place-${branch}`} data-state={copy.state}>
      <Table.Th scope="row" fw={500}>
        {nameOf(branch)}
      </Table.Th>
      <Table.Td>
        <Group gap="sm">
          <StateBadge state={copy.state} />
          {gone && <Trans>to {gone}</Trans>}
          {from && <Trans>from {from}, not received yet</Trans>}
          {place.held_by && <Trans>held by a transfer that is not finished</Trans>}
        </Group>
      </Table.Td>
      <Table.Td>{copy.shelf_mark}</Table.Td>
      <Table.Td>{holder ? `${holder.name} · ${holder.code}` : loan?.patron}</Table.Td>
      <Table.Td>{loan && <Due day={loan.due} overdue={loan.due < dayOf(new Date())} />}</Table.Td>
    </Table.Tr>
  );
}

import { Plural, Trans, useLingui } from "@lingui/react/macro";
import { Button, Group, Loader, Stack, Table, Text } from "@mantine/core";
import { IconPrinter } from "@tabler/icons-react";
import { Dialog } from "../../components/Dialog";
import { ErrorNotice, Notice } from "../../components/Notice";
import { OnPaper } from "../../components/OnPaper";
import { useBranches } from "../../components/useBranches";
import { formatMoment } from "../../format";
import type { PickList } from "../../platform/desk";
import { usePickList } from "../../queries";

/** The books of an order that are to be taken from the shelves, in the order of the shelves; for paper. */
export function PickListDialog({ id, onClose }: { id: string; onClose: () => void }) {
  const found = usePickList(id);
  const list = found.data;
  return (
    <Dialog
      title={<Trans>Pick list</Trans>}
      onClose={onClose}
      size="xl"
      data-testid="pick-list-dialog"
    >
      <ErrorNotice error={found.error} />
      {found.isPending && !found.error && <Loader />}
      {list && (
        <>
          <Sheet list={list} />
          <OnPaper>
            <Sheet list={list} />
          </OnPaper>
        </>
      )}
      <Group justify="flex-end" mt="md">
        <Button variant="default" onClick={onClose}>
          <Trans>Close</Trans>
        </Button>
        <Button
          leftSection={<IconPrinter size={18} aria-hidden />}
          disabled={!list || list.lines.length === 0}
          onClick={() => window.print()}
          data-testid="pick-list-print"
        >
          <Trans>Print</Trans>
        </Button>
      </Group>
    </Dialog>
  );
}

function Sheet({ list }: { list: PickList }) {
  const { t } = useLingui();
  const { nameOf } = useBranches();
  return (
    <Stack>
      <Text>
        {nameOf(list.head.from)} → {nameOf(list.head.to)} ·{" "}
        {formatMoment(new Date(list.head.placed_at), new Date())} ·{" "}
        <Plural value={list.lines.length} one="# book" other="# books" />
      </Text>
      {list.is_target_silent && (
        <Notice kind="attention">
          <Trans>
            The branch that receives them cannot be asked: books that arrived there already are in
            the list too.
          </Trans>
        </Notice>
      )}
      {list.received > 0 && (
        <Text c="dimmed">
          <Plural
            value={list.received}
            one="# more arrived already."
            other="# more arrived already."
          />
        </Text>
      )}
      {list.lines.length === 0 ? (
        <Text c="dimmed">
          <Trans>Nothing is left to be taken from the shelves.</Trans>
        </Text>
      ) : (
        <Table verticalSpacing={4} aria-label={t`Books to take`} data-testid="pick-list">
          <Table.Thead>
            <Table.Tr>
              <Table.Td />
              <Table.Th>
                <Trans>Shelf mark</Trans>
              </Table.Th>
              <Table.Th>
                <Trans>Title</Trans>
              </Table.Th>
              <Table.Th>
                <Trans>Barcode</Trans>
              </Table.Th>
            </Table.Tr>
          </Table.Thead>
          <Table.Tbody>
            {list.lines.map((line) => (
              <Table.Tr key={line.copy}>
                <Table.Td aria-hidden>☐</Table.Td>
                <Table.Td>{line.shelf_mark}</Table.Td>
                <Table.Td>{line.title_name}</Table.Td>
                <Table.Td>{line.copy}</Table.Td>
              </Table.Tr>
            ))}
          </Table.Tbody>
        </Table>
      )}
    </Stack>
  );
}

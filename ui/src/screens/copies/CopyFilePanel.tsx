import { Trans } from "@lingui/react/macro";
import { Button, Group, Loader, SimpleGrid, Stack, Text, Title } from "@mantine/core";
import { IconEdit, IconTrash } from "@tabler/icons-react";
import { Link } from "@tanstack/react-router";
import { type ReactNode, useState } from "react";
import { Card } from "../../components/Card";
import { Confirm } from "../../components/Dialog";
import { KnownOf } from "../../components/KnownOf";
import { Loans } from "../../components/Loans";
import { ErrorNotice, Notice } from "../../components/Notice";
import { StateBadge } from "../../components/States";
import { useNow } from "../../components/useNow";
import { formatNumber } from "../../format";
import { useLanguage } from "../../i18n";
import type { Title as BookTitle, Copy, PatronCard } from "../../platform/desk";
import { useCopy, useDeed } from "../../queries";
import { CopyForm } from "./CopyForm";

const MINUTE_MS = 60_000;

/** A copy with its story. */
export function CopyFilePanel({ barcode, onRemoved }: { barcode: string; onRemoved: () => void }) {
  const file = useCopy(barcode);
  const now = useNow(MINUTE_MS);
  const [doing, setDoing] = useState<"edit" | "remove" | null>(null);
  const remove = useDeed((desk, code: string) => desk.copyRemove(code), "copies", "titles");
  if (file.error) {
    return <ErrorNotice error={file.error} />;
  }
  if (!file.data) {
    return <Loader mx="auto" />;
  }
  const { view, loan, as_of } = file.data;
  const known = file.data.file;
  const copy = known?.copy ?? (as_of === null ? null : view.copy);
  if (!copy) {
    return (
      <Notice kind="error" data-testid="copy-unknown">
        <Trans>There is no copy {view.barcode} here. Check the barcode, or add the copy.</Trans>
      </Notice>
    );
  }
  const loans = known?.loans ?? (loan ? [loan] : []);
  return (
    <Stack data-testid="copy-file" data-barcode={copy.barcode}>
      {!known && as_of && <KnownOf as_of={as_of} now={now} />}
      <Card>
        <Stack gap="sm">
          <Facts copy={copy} title={known?.title ?? view.title} />
          {known?.holder && <Holder holder={known.holder} />}
          {known && (
            <Group gap="sm">
              <Button
                leftSection={<IconEdit size={18} aria-hidden />}
                onClick={() => setDoing("edit")}
                data-testid="copy-edit"
              >
                <Trans>Change</Trans>
              </Button>
              <Button
                variant="default"
                leftSection={<IconTrash size={18} aria-hidden />}
                onClick={() => setDoing("remove")}
                data-testid="copy-remove"
              >
                <Trans>Remove</Trans>
              </Button>
            </Group>
          )}
        </Stack>
      </Card>
      <Card>
        <Title order={3} size={19} mb="sm">
          <Trans>Loans</Trans>
        </Title>
        <Loans loans={loans} of="copy" now={now} />
      </Card>
      {doing === "edit" && <CopyForm copy={copy} onClose={() => setDoing(null)} />}
      {doing === "remove" && (
        <Confirm
          title={<Trans>Remove {copy.barcode}?</Trans>}
          action={<Trans>Remove</Trans>}
          danger
          busy={remove.isPending}
          error={remove.error}
          onConfirm={() => remove.mutate(copy.barcode, { onSuccess: onRemoved })}
          onClose={() => setDoing(null)}
        >
          <Trans>
            The copy is no longer lent and no longer counted. Its loans stay on record; nothing is
            deleted.
          </Trans>
        </Confirm>
      )}
    </Stack>
  );
}

function Holder({ holder }: { holder: PatronCard }) {
  return (
    <Text data-testid="copy-holder">
      <Trans>With</Trans>{" "}
      <Link to="/patrons" search={{ open: holder.code }}>
        {holder.name} ({holder.code})
      </Link>
    </Text>
  );
}

function Facts({ copy, title }: { copy: Copy; title: BookTitle | null }) {
  const { language } = useLanguage();
  const price = copy.price_vnd === null ? "" : `${formatNumber(copy.price_vnd, language)} ₫`;
  return (
    <>
      <Group justify="space-between" align="flex-start" wrap="nowrap">
        <div>
          <Title order={2} size={26}>
            {title?.name ?? copy.title}
          </Title>
          <Text c="dimmed" size="lg">
            {title?.author}
          </Text>
        </div>
        <StateBadge state={copy.state} />
      </Group>
      <SimpleGrid cols={4}>
        <Fact name={<Trans>Barcode</Trans>} value={copy.barcode} />
        <Fact name={<Trans>ISBN</Trans>} value={copy.title} />
        <Fact name={<Trans>Shelf mark</Trans>} value={copy.shelf_mark} />
        <Fact name={<Trans>Price</Trans>} value={price} />
        {copy.forwarded_to && <Fact name={<Trans>Moved to</Trans>} value={copy.forwarded_to} />}
      </SimpleGrid>
    </>
  );
}

function Fact({ name, value }: { name: ReactNode; value: string }) {
  return (
    <div>
      <Text size="sm" c="dimmed">
        {name}
      </Text>
      <Text>{value || "–"}</Text>
    </div>
  );
}

import { Trans, useLingui } from "@lingui/react/macro";
import { Button, Loader, Stack, Text, TextInput, VisuallyHidden } from "@mantine/core";
import { IconFileImport, IconPlus, IconSearch } from "@tabler/icons-react";
import { useDeferredValue, useState } from "react";
import { Empty } from "../../components/Empty";
import { ErrorNotice } from "../../components/Notice";
import { OpenChanges } from "../../components/OpenChanges";
import { type Column, Rows } from "../../components/Rows";
import { Screen } from "../../components/Screen";
import { formatNumber } from "../../format";
import { useLanguage } from "../../i18n";
import type { Title, TitleHit } from "../../platform/desk";
import { useIsManager, useTitles } from "../../queries";
import { SENSE } from "../../theme";
import { useChange } from "../changes/useChange";
import { TAKES_SCANS } from "../shell/ScanRouting";
import { ImportDialog } from "./ImportDialog";
import { TitleChange } from "./TitleChange";

/** Characters of a search at most. */
const TEXT_CHARS_MAX = 200;

/** Titles as one types, from what the desk knows; the same with and without the site. */
export function TitlesScreen() {
  const { t } = useLingui();
  const [text, setText] = useState("");
  const found = useTitles(useDeferredValue(text));
  const rows = found.data?.pages.flatMap((page) => page.titles) ?? [];
  const isManager = useIsManager();
  const change = useChange();
  // What is open in the form: a title, or a new one.
  const [opened, setOpened] = useState<{ title: Title | null } | null>(null);
  const [imports, setImports] = useState(false);
  const open = (title: Title | null) => {
    change.forget();
    setOpened({ title });
  };
  return (
    <Screen
      title={<Trans>Titles</Trans>}
      data-testid="titles-screen"
      actions={
        isManager && (
          <>
            <Button
              variant="default"
              leftSection={<IconFileImport size={18} aria-hidden />}
              onClick={() => setImports(true)}
              data-testid="title-import"
            >
              <Trans>Import titles</Trans>
            </Button>
            <Button
              leftSection={<IconPlus size={18} aria-hidden />}
              onClick={() => open(null)}
              data-testid="title-add"
            >
              <Trans>New title</Trans>
            </Button>
          </>
        )
      }
      top={
        <>
          <TextInput
            size="lg"
            autoFocus
            aria-label={t`Search titles`}
            placeholder={t`Name, author or ISBN; marks may be left out`}
            leftSection={<IconSearch size={22} aria-hidden />}
            maxLength={TEXT_CHARS_MAX}
            value={text}
            onChange={(event) => setText(event.currentTarget.value)}
            onFocus={(event) => event.currentTarget.select()}
            data-testid="title-search"
            {...TAKES_SCANS}
          />
          {isManager && change.shown}
          {isManager && <OpenChanges />}
        </>
      }
    >
      <ErrorNotice error={found.error} />
      {found.isPending && !found.error ? (
        <Loader mx="auto" />
      ) : rows.length === 0 && !found.error ? (
        <Empty>
          <Trans>No title is found. Try fewer words, or only the beginning of each.</Trans>
        </Empty>
      ) : (
        <TitleRows
          rows={rows}
          onEnd={() => found.hasNextPage && !found.isFetching && found.fetchNextPage()}
          {...(isManager && { onOpen: open })}
        />
      )}
      {imports && <ImportDialog onClose={() => setImports(false)} />}
      {opened && (
        <TitleChange
          title={opened.title}
          busy={change.busy}
          error={change.error}
          onChange={(one) => change.submit(one, () => setOpened(null))}
          onClose={() => setOpened(null)}
        />
      )}
    </Screen>
  );
}

function TitleRows(props: {
  rows: readonly TitleHit[];
  onEnd: () => void;
  /** For whoever may change titles. */
  onOpen?: (title: Title) => void;
}) {
  const { t } = useLingui();
  const { rows, onEnd, onOpen } = props;
  const { language } = useLanguage();
  const columns: Column<TitleHit>[] = [
    {
      key: "name",
      head: <Trans>Title</Trans>,
      width: "minmax(190px, 2fr)",
      cell: ({ title }) => (
        <Stack gap={0}>
          <Text fw={600} truncate title={title.name}>
            {title.name}
          </Text>
          <Text size="sm" c="dimmed" truncate>
            {title.author}
          </Text>
        </Stack>
      ),
    },
    {
      key: "publisher",
      head: <Trans>Publisher</Trans>,
      width: "minmax(110px, 1fr)",
      cell: ({ title }) => [title.publisher, title.year].filter(Boolean).join(", "),
    },
    { key: "ddc", head: "DDC", width: "94px", cell: ({ title }) => title.ddc },
    {
      key: "key",
      head: <Trans>ISBN</Trans>,
      width: "200px",
      cell: ({ title }) => <span style={{ whiteSpace: "nowrap" }}>{title.key}</span>,
    },
    {
      key: "free",
      head: <Trans>On the shelf here</Trans>,
      width: "120px",
      right: true,
      cell: ({ free, copies }) => (
        <Text fw={600} c={free > 0 ? SENSE.good : "dimmed"}>
          <Trans>
            {formatNumber(free, language)} of {formatNumber(copies, language)}
          </Trans>
        </Text>
      ),
    },
    ...(onOpen
      ? [
          {
            key: "open",
            head: (
              <VisuallyHidden>
                <Trans>Change</Trans>
              </VisuallyHidden>
            ),
            width: "84px",
            right: true,
            cell: ({ title }: TitleHit) => (
              <Button
                size="compact-md"
                variant="default"
                onClick={(event) => {
                  event.stopPropagation();
                  onOpen(title);
                }}
                aria-label={t`Change ${title.name}`}
                data-testid="title-open"
              >
                <Trans>Change</Trans>
              </Button>
            ),
          },
        ]
      : []),
  ];
  return (
    <Rows
      label={t`Titles found`}
      rows={rows}
      columns={columns}
      rowKey={({ title }) => title.key}
      rowHeight_px={64}
      onEnd={onEnd}
      {...(onOpen && { onOpen: ({ title }: TitleHit) => onOpen(title) })}
      data-testid="titles"
    />
  );
}

import { Plural, Trans, useLingui } from "@lingui/react/macro";
import { Badge, Group, Loader, Stack, Text, TextInput } from "@mantine/core";
import { IconBarcode } from "@tabler/icons-react";
import { useCallback, useMemo, useState } from "react";
import { Empty } from "../../components/Empty";
import { ErrorNotice, Notice } from "../../components/Notice";
import { type Column, Rows } from "../../components/Rows";
import { Screen } from "../../components/Screen";
import { useBranches } from "../../components/useBranches";
import { formatMoment } from "../../format";
import { useLanguage } from "../../i18n";
import type { ArrivingLine, Received } from "../../platform/desk";
import { useArriving, useDeed } from "../../queries";
import { SENSE } from "../../theme";
import { TAKES_SCANS, useScanTarget } from "../shell/ScanRouting";

/** Books that other branches sent here: each is scanned in, and is then on the shelf. */
export function ArrivingScreen() {
  const { t } = useLingui();
  const [text, setText] = useState("");
  const arriving = useArriving();
  const receive = useDeed(
    (desk, barcode: string) => desk.receiveCopies([barcode]),
    "arriving",
    "copies",
  );
  const { mutate } = receive;
  const scan = useCallback(
    (code: string) => {
      if (code.trim() !== "") {
        mutate(code.trim());
        setText("");
      }
    },
    [mutate],
  );
  useScanTarget(useMemo(() => ({ scan }), [scan]));
  const rows = arriving.data?.lines ?? [];
  return (
    <Screen
      title={<Trans>Arriving books</Trans>}
      data-testid="arriving-screen"
      top={
        <Stack gap="sm">
          <form
            onSubmit={(event) => {
              event.preventDefault();
              scan(text);
            }}
          >
            <TextInput
              size="lg"
              autoFocus
              aria-label={t`Barcode of a book that arrived`}
              placeholder={t`Scan each book that arrived`}
              leftSection={<IconBarcode size={22} aria-hidden />}
              value={text}
              onChange={(event) => setText(event.currentTarget.value)}
              data-testid="arriving-scan"
              {...TAKES_SCANS}
            />
          </form>
          <ErrorNotice error={receive.error ?? arriving.error} />
          {receive.data && !receive.isPending && <Verdict received={receive.data} />}
        </Stack>
      }
    >
      {arriving.isPending && !arriving.error ? (
        <Loader mx="auto" />
      ) : rows.length === 0 && !arriving.error ? (
        <Empty>
          <Trans>Nothing is on its way here.</Trans>
        </Empty>
      ) : (
        <ArrivingRows rows={rows} more={arriving.data?.more ?? false} />
      )}
    </Screen>
  );
}

/** What became of the last scan. */
function Verdict({ received }: { received: Received }) {
  const { say } = useLanguage();
  return (
    <>
      {received.received.map((copy) => (
        <Notice key={copy} kind="info" data-testid="arriving-received">
          <b>{copy}</b>: <Trans>received; it can be lent now.</Trans>
        </Notice>
      ))}
      {received.left_out.map(({ copy, message }) => (
        <Notice key={copy} kind="error" data-testid="arriving-left-out">
          <b>{copy}</b>: {say(message)}
        </Notice>
      ))}
    </>
  );
}

function ArrivingRows({ rows, more }: { rows: readonly ArrivingLine[]; more: boolean }) {
  const { t } = useLingui();
  const { nameOf } = useBranches();
  const now = new Date();
  const columns: Column<ArrivingLine>[] = [
    {
      key: "copy",
      head: <Trans>Barcode</Trans>,
      width: "170px",
      cell: ({ copy }) => copy,
    },
    {
      key: "title",
      head: <Trans>Title</Trans>,
      width: "minmax(220px, 1.4fr)",
      cell: ({ title_name }) => (
        <Text truncate fw={600}>
          {title_name}
        </Text>
      ),
    },
    {
      key: "shelf",
      head: <Trans>Shelf mark</Trans>,
      width: "150px",
      cell: ({ shelf_mark }) => shelf_mark,
    },
    {
      key: "from",
      head: <Trans>From</Trans>,
      width: "minmax(160px, 1fr)",
      cell: ({ from }) => nameOf(from),
    },
    {
      key: "sent",
      head: <Trans>Sent</Trans>,
      width: "150px",
      cell: ({ sent_at }) => formatMoment(new Date(sent_at), now),
    },
  ];
  return (
    <>
      <Group data-testid="arriving-count" data-count={rows.length}>
        <Badge color={SENSE.moved} size="lg" tt="none">
          <Plural value={rows.length} one="# book on its way" other="# books on their way" />
        </Badge>
        {more && <Trans>There are more than are listed.</Trans>}
      </Group>
      <Rows
        label={t`Books on their way here`}
        rows={rows}
        columns={columns}
        rowKey={({ copy }) => copy}
        data-testid="arriving"
      />
    </>
  );
}

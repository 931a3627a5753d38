import { Plural, Trans, useLingui } from "@lingui/react/macro";
import { Button, FileButton, Group, NativeSelect, Stack, Text, TextInput } from "@mantine/core";
import { IconBarcode, IconFileImport, IconSearch } from "@tabler/icons-react";
import { useNavigate } from "@tanstack/react-router";
import { useCallback, useEffect, useMemo, useState } from "react";
import { Card } from "../../components/Card";
import { LinkButton } from "../../components/LinkButton";
import { ErrorNotice, Notice } from "../../components/Notice";
import { Screen } from "../../components/Screen";
import { useBranches } from "../../components/useBranches";
import type { Pick, UnreadLine } from "../../platform/desk";
import { useAppView, useDeed, useTransferProgress } from "../../queries";
import { TAKES_SCANS, useScanTarget } from "../shell/ScanRouting";
import { ComposeLines } from "./ComposeLines";
import { type Line, merged } from "./lines";
import { PickByTitle } from "./PickByTitle";

/** Unread lines of a file that are shown. */
const UNREAD_SHOWN_MAX = 5;

/** From where to where, and which copies. */
interface Wanted {
  readonly from: string;
  readonly to: string;
  readonly pick: Pick;
}

/** Orders a transfer. Each copy is looked at as it is named, and what stands against moving it is said at once. */
export function Compose() {
  const { t } = useLingui();
  const home = useAppView().data?.desk.enrolment?.branch ?? "";
  const [from, setFrom] = useState(home);
  const [to, setTo] = useState("");
  const [lines, setLines] = useState<readonly Line[]>([]);
  const [unread, setUnread] = useState<readonly UnreadLine[]>([]);
  const [picks, setPicks] = useState(false);
  const look = useDeed((desk, wanted: Wanted) =>
    desk.transferCompose(wanted.from, wanted.to, wanted.pick),
  );
  const begin = useDeed(
    (desk, copies: string[]) => desk.transferBegin(from, to, copies),
    "transfers",
  );
  useOpeningOnceItRuns(begin.isPending, begin.data?.head.id ?? null);
  const { mutateAsync } = look;
  const add = useCallback(
    async (wanted: Wanted) => {
      const preview = await mutateAsync(wanted).catch(() => null);
      if (preview) {
        setLines((before) => merged(before, preview));
        setUnread(preview.unread);
      }
      return preview;
    },
    [mutateAsync],
  );
  const isWay = from !== "" && to !== "" && from !== to;
  const scan = useCallback(
    (code: string) => {
      if (isWay && code.trim() !== "") {
        void add({ from, to, pick: { by: "barcodes", copies: [code.trim()] } });
      }
    },
    [add, from, to, isWay],
  );
  useScanTarget(useMemo(() => ({ scan }), [scan]));
  const change = (way: { from: string; to: string }) => {
    setFrom(way.from);
    setTo(way.to);
    // What stands against a copy depends on the way.
    setLines([]);
    if (lines.length > 0 && way.from !== "" && way.to !== "" && way.from !== way.to) {
      void add({ ...way, pick: { by: "barcodes", copies: lines.map(({ copy }) => copy) } });
    }
  };
  const going = lines.filter((line) => line.why === null).map(({ copy }) => copy);
  return (
    <Screen
      title={<Trans>New transfer</Trans>}
      data-testid="compose-screen"
      actions={
        <>
          <LinkButton to="/transfers" search={{}} variant="default">
            <Trans>All transfers</Trans>
          </LinkButton>
          <Button
            disabled={!isWay || going.length === 0 || look.isPending}
            loading={begin.isPending}
            onClick={() => begin.mutate(going)}
            data-testid="compose-move"
          >
            <Plural value={going.length} _0="Move" one="Move # copy" other="Move # copies" />
          </Button>
        </>
      }
      top={
        <Stack gap="sm">
          <Way from={from} to={to} onChange={change} />
          <Group align="flex-end" gap="sm" wrap="nowrap">
            <ScanBox isWay={isWay} onScan={scan} />
            <Button
              variant="default"
              leftSection={<IconSearch size={18} aria-hidden />}
              disabled={!isWay}
              onClick={() => setPicks(true)}
              data-testid="compose-search"
            >
              <Trans>By title</Trans>
            </Button>
            <FileButton
              accept="text/plain,text/csv,.txt,.csv,.tsv"
              onChange={async (file) => {
                if (file) {
                  const text = await file.text();
                  await add({ from, to, pick: { by: "list", text, column: null } });
                }
              }}
              inputProps={{ "aria-label": t`From a file` }}
            >
              {(props) => (
                <Button
                  {...props}
                  variant="default"
                  leftSection={<IconFileImport size={18} aria-hidden />}
                  disabled={!isWay}
                  loading={look.isPending}
                  data-testid="compose-file"
                >
                  <Trans>From a file</Trans>
                </Button>
              )}
            </FileButton>
          </Group>
          <Unread lines={unread} />
          <ErrorNotice error={look.error ?? begin.error} />
        </Stack>
      }
    >
      {lines.length === 0 ? (
        <Card>
          <Text c="dimmed">
            <Trans>
              Choose the branches. Then scan the books, search for their titles, or read a file with
              one barcode a line. What cannot be moved is named before anything happens.
            </Trans>
          </Text>
        </Card>
      ) : (
        <ComposeLines
          lines={lines}
          onRemove={(gone) => setLines(lines.filter((line) => line.copy !== gone))}
        />
      )}
      {picks && (
        <PickByTitle
          onPick={(pick) => add({ from, to, pick: { by: "title", pick } })}
          error={look.error}
          busy={look.isPending}
          onClose={() => setPicks(false)}
        />
      )}
    </Screen>
  );
}

/** The order has its screen from its first step on: the desk says which it is when it begins to run. */
function useOpeningOnceItRuns(isBeginning: boolean, begun: string | null) {
  const navigate = useNavigate();
  const progress = useTransferProgress();
  const [before] = useState(progress?.order);
  const order = begun ?? (isBeginning && progress?.order !== before ? progress?.order : null);
  useEffect(() => {
    if (order) {
      void navigate({ to: "/transfers", search: { open: order }, replace: true });
    }
  }, [order, navigate]);
}

function Way(props: {
  from: string;
  to: string;
  onChange: (way: { from: string; to: string }) => void;
}) {
  const { t } = useLingui();
  const { branches } = useBranches();
  const { from, to, onChange } = props;
  const choice = [
    { value: "", label: t`Choose a branch` },
    ...branches.map(({ code, name }) => ({ value: code, label: `${code} · ${name}` })),
  ];
  return (
    <Group grow align="flex-start">
      <NativeSelect
        label={t`From`}
        data={choice}
        value={from}
        onChange={(event) => onChange({ from: event.currentTarget.value, to })}
        data-testid="compose-from"
      />
      <NativeSelect
        label={t`To`}
        data={choice}
        value={to}
        onChange={(event) => onChange({ from, to: event.currentTarget.value })}
        error={to !== "" && from === to && t`Choose another branch.`}
        data-testid="compose-to"
      />
    </Group>
  );
}

function ScanBox({ isWay, onScan }: { isWay: boolean; onScan: (code: string) => void }) {
  const { t } = useLingui();
  const [text, setText] = useState("");
  return (
    <form
      style={{ flex: 1 }}
      onSubmit={(event) => {
        event.preventDefault();
        if (isWay) {
          onScan(text);
          setText("");
        }
      }}
    >
      <TextInput
        label={t`Barcode`}
        placeholder={isWay ? t`Scan one book after another` : t`Choose both branches first`}
        leftSection={<IconBarcode size={20} aria-hidden />}
        value={text}
        onChange={(event) => setText(event.currentTarget.value)}
        data-testid="compose-barcode"
        {...TAKES_SCANS}
      />
    </form>
  );
}

/** Lines of a file that hold no barcode. */
function Unread({ lines }: { lines: readonly UnreadLine[] }) {
  if (lines.length === 0) {
    return null;
  }
  return (
    <Notice kind="attention" data-testid="compose-unread">
      <Plural
        value={lines.length}
        one="# line of the file holds no barcode:"
        other="# lines of the file hold no barcode:"
      />
      {lines.slice(0, UNREAD_SHOWN_MAX).map(({ line, text }) => (
        <div key={line}>
          <Trans>
            line {line}: “{text}”
          </Trans>
        </div>
      ))}
    </Notice>
  );
}

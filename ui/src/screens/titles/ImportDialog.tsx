import { Plural, Trans, useLingui } from "@lingui/react/macro";
import { Button, Group, Progress, Radio, Stack, Text, TextInput } from "@mantine/core";
import { useState } from "react";
import { Dialog } from "../../components/Dialog";
import { ErrorNotice, Notice } from "../../components/Notice";
import { fieldsOf } from "../../components/replicated";
import { SideBySide } from "../../components/SideBySide";
import { formatNumber } from "../../format";
import { useLanguage } from "../../i18n";
import type { ImportView, OnDifference, ReplicatedRow, Title } from "../../platform/desk";
import { useDeed, useImport } from "../../queries";
import { SENSE } from "../../theme";

/** Titles that differ, and records that cannot be used, which are shown. */
const SHOWN_MAX = 5;

interface Wanted {
  readonly file: string;
  readonly differing: OnDifference;
  readonly onlyCompare: boolean;
}

/** Brings the titles of a file to all sites: compared first, then put into the queue, in parts. */
export function ImportDialog({ onClose }: { onClose: () => void }) {
  const { t } = useLingui();
  const [file, setFile] = useState("");
  const [differing, setDiffering] = useState<OnDifference>("keep");
  const bring = useDeed(
    (desk, wanted: Wanted) => desk.titlesImport(wanted.file, wanted.differing, wanted.onlyCompare),
    "changes",
    "titles",
  );
  const found = bring.data;
  const begin = (onlyCompare: boolean) => {
    if (file.trim() !== "") {
      bring.mutate({ file: file.trim(), differing, onlyCompare });
    }
  };
  return (
    <Dialog
      title={<Trans>Import titles</Trans>}
      onClose={onClose}
      size="xl"
      data-testid="import-dialog"
    >
      <form
        onSubmit={(event) => {
          event.preventDefault();
          begin(true);
        }}
      >
        <Stack>
          <TextInput
            label={t`File on this computer`}
            description={t`MARC21 or CSV, with its folder`}
            value={file}
            onChange={(event) => setFile(event.currentTarget.value)}
            data-autofocus
            data-testid="import-file"
          />
          <Radio.Group
            label={t`Titles that the catalogue has otherwise`}
            value={differing}
            onChange={(chosen) => setDiffering(chosen as OnDifference)}
          >
            <Group mt={6}>
              <Radio value="keep" label={t`stay as they are`} />
              <Radio value="replace" label={t`become what the file says`} />
            </Group>
          </Radio.Group>
          <ErrorNotice error={bring.error} />
          {found && <Found found={found} />}
          {found?.import && <Bringing id={found.import.id} total={found.new + found.replaced} />}
          <Group justify="flex-end">
            <Button variant="default" onClick={onClose}>
              <Trans>Close</Trans>
            </Button>
            <Button
              type="submit"
              variant="default"
              disabled={file.trim() === ""}
              loading={bring.isPending}
              data-testid="import-compare"
            >
              <Trans>Compare first</Trans>
            </Button>
            <Button
              disabled={file.trim() === "" || found?.import != null}
              loading={bring.isPending}
              onClick={() => begin(false)}
              data-testid="import-begin"
            >
              <Trans>Import</Trans>
            </Button>
          </Group>
        </Stack>
      </form>
    </Dialog>
  );
}

/** What is in the file beside what stands. */
function Found({ found }: { found: ImportView }) {
  const { t } = useLingui();
  const { language, say } = useLanguage();
  const number = (value: number) => formatNumber(value, language);
  const row = (title: Title): ReplicatedRow => ({ kind: "title", row: title });
  return (
    <Stack gap="sm" data-testid="import-found">
      <Text>
        <Trans>
          {number(found.titles)} titles in the file: {number(found.new)} new, {number(found.same)}{" "}
          there already, {number(found.differing)} otherwise.
        </Trans>
      </Text>
      {found.unusable > 0 && (
        <Notice kind="attention">
          <Plural
            value={found.unusable}
            one="# record cannot be used:"
            other="# records cannot be used:"
          />
          {found.examples.slice(0, SHOWN_MAX).map(({ record, message }) => (
            <div key={record}>
              <Trans>
                record {record}: {say(message)}
              </Trans>
            </div>
          ))}
        </Notice>
      )}
      {found.differing_titles.slice(0, SHOWN_MAX).map(({ stands, becomes }) => (
        <div key={stands.key}>
          <Text fw={600}>
            {stands.name} · {stands.key}
          </Text>
          <SideBySide
            label={t`What stands beside what the file says`}
            versions={[
              { key: "stands", head: <Trans>Stands</Trans>, row: row(stands) },
              { key: "file", head: <Trans>In the file</Trans>, row: row(becomes) },
            ]}
            fields={fieldsOf("title")}
          />
        </div>
      ))}
    </Stack>
  );
}

/** How far it came; it goes on by itself, also when this is closed. */
function Bringing({ id, total }: { id: string; total: number }) {
  const { t } = useLingui();
  const { language } = useLanguage();
  const counts = useImport(id).data;
  const done = counts?.changes_done ?? 0;
  const refused = counts?.changes_refused ?? 0;
  const [of, all] = [formatNumber(done, language), formatNumber(total, language)];
  return (
    <Stack gap={6} data-testid="import-progress" data-done={done}>
      <Progress
        size="lg"
        color={SENSE.good}
        value={total === 0 ? 100 : (done / total) * 100}
        aria-label={t`How much of the import is done`}
      />
      <Text>
        <Trans>
          {of} of {all} are at all sites. It goes on by itself; what waits is among the changes.
        </Trans>
      </Text>
      {refused > 0 && (
        <Text c={SENSE.bad}>
          <Plural value={refused} one="# was refused." other="# were refused." />
        </Text>
      )}
    </Stack>
  );
}

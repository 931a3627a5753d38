import { Plural, Trans, useLingui } from "@lingui/react/macro";
import { Button, Group, SimpleGrid, Stack, TextInput } from "@mantine/core";
import { useState } from "react";
import { Dialog } from "../../components/Dialog";
import { ErrorNotice, Notice } from "../../components/Notice";
import { TitlePicker } from "../../components/TitlePicker";
import type { Title, TitlePick, TransferPreview } from "../../platform/desk";

/** Copies of a title that are on the shelf at a branch, all of them or so many. */
export function PickByTitle(props: {
  /** Answers with nothing where it failed. */
  onPick: (pick: TitlePick) => Promise<TransferPreview | null>;
  error: unknown;
  busy: boolean;
  onClose: () => void;
}) {
  const { t } = useLingui();
  const [title, setTitle] = useState<Title | null>(null);
  const [most, setMost] = useState("");
  const [shelfMark, setShelfMark] = useState("");
  const isNumber = /^\d{0,5}$/.test(most);
  const [found, setFound] = useState<number | null>(null);
  const submit = async () => {
    if (title && isNumber) {
      const preview = await props.onPick({
        title: title.key,
        states: [],
        shelf_mark: shelfMark.trim(),
        most: most === "" ? null : Number(most),
      });
      setFound(preview && preview.going.length + preview.left_out.length);
    }
  };
  return (
    <Dialog
      title={<Trans>Copies of a title</Trans>}
      onClose={props.onClose}
      size="xl"
      data-testid="pick-dialog"
    >
      <form
        onSubmit={(event) => {
          event.preventDefault();
          void submit();
        }}
      >
        <Stack>
          <TitlePicker label={t`Title`} onPick={setTitle} data-testid="pick-title" />
          <SimpleGrid cols={2}>
            <TextInput
              label={t`How many at most`}
              description={t`Nothing: all that are on the shelf`}
              inputMode="numeric"
              value={most}
              onChange={(event) => setMost(event.currentTarget.value.trim())}
              error={!isNumber && t`A whole number.`}
              data-testid="pick-most"
            />
            <TextInput
              label={t`Shelf mark`}
              description={t`How it begins; nothing: any`}
              value={shelfMark}
              onChange={(event) => setShelfMark(event.currentTarget.value)}
            />
          </SimpleGrid>
          <ErrorNotice error={props.error} />
          {found !== null && (
            <Notice kind={found > 0 ? "info" : "attention"} data-testid="picked">
              <Plural
                value={found}
                _0="The branch has no such copy on the shelf."
                one="# copy was taken into the list."
                other="# copies were taken into the list."
              />
            </Notice>
          )}
          <Group justify="flex-end">
            <Button variant="default" onClick={props.onClose}>
              <Trans>Close</Trans>
            </Button>
            <Button
              type="submit"
              disabled={title === null}
              loading={props.busy}
              data-testid="pick-take"
            >
              <Trans>Take them</Trans>
            </Button>
          </Group>
        </Stack>
      </form>
    </Dialog>
  );
}

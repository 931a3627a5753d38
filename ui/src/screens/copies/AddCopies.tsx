import { valibotResolver } from "@hookform/resolvers/valibot";
import { Trans, useLingui } from "@lingui/react/macro";
import { Button, Group, Stack, Textarea, TextInput } from "@mantine/core";
import { useForm } from "react-hook-form";
import * as v from "valibot";
import { Dialog } from "../../components/Dialog";
import { ErrorNotice } from "../../components/Notice";
import { TitlePicker } from "../../components/TitlePicker";
import type { CopyDetails } from "../../platform/desk";
import { useDeed } from "../../queries";
import { TAKES_SCANS } from "../shell/ScanRouting";
import { optionalPrice, SHELF_MARK_CHARS_MAX } from "./fields";

/** Copies that are added at once at most; the site's own bound. */
const COPIES_MAX = 1_000;

const NewCopies = v.object({
  title: v.pipe(v.string(), v.nonEmpty()),
  barcodes: v.pipe(
    v.string(),
    v.transform((text) => [...new Set(text.split(/\s*[\n,;]\s*/).map((code) => code.trim()))]),
    v.transform((codes) => codes.filter((code) => code !== "")),
    v.minLength(1),
    v.maxLength(COPIES_MAX),
    v.everyItem((code) => /^[\x20-\x7e]{1,20}$/.test(code)),
  ),
  shelf_mark: v.pipe(v.string(), v.trim(), v.maxLength(SHELF_MARK_CHARS_MAX)),
  price_vnd: optionalPrice,
});

/** Adds copies of one title: the scanner writes one barcode a line. */
export function AddCopies(props: { onClose: () => void; onAdded: (barcode: string) => void }) {
  const { t } = useLingui();
  const add = useDeed((desk, copies: CopyDetails[]) => desk.copiesAdd(copies), "copies", "titles");
  const form = useForm({
    resolver: valibotResolver(NewCopies),
    defaultValues: { title: "", barcodes: "", shelf_mark: "", price_vnd: "" },
  });
  const { errors } = form.formState;
  const submit = form.handleSubmit(({ barcodes, ...rest }) =>
    add.mutate(
      barcodes.map((barcode) => ({ ...rest, barcode, condition: "good" as const })),
      {
        onSuccess: () => {
          props.onClose();
          props.onAdded(barcodes[0] ?? "");
        },
      },
    ),
  );
  return (
    <Dialog title={<Trans>Add copies</Trans>} onClose={props.onClose} data-testid="add-copies">
      <form onSubmit={submit}>
        <Stack>
          <TitlePicker
            label={t`Title`}
            onPick={(title) => form.setValue("title", title?.key ?? "")}
            error={errors.title && t`Choose one of the titles that are offered.`}
            data-testid="copies-title"
          />
          <Textarea
            label={t`Barcodes`}
            description={t`Scan the labels one after another: one barcode a line.`}
            autosize
            minRows={4}
            maxRows={12}
            error={errors.barcodes && t`Scan at least one label; up to 20 letters and digits each.`}
            data-testid="copies-barcodes"
            {...TAKES_SCANS}
            {...form.register("barcodes")}
          />
          <TextInput
            label={t`Shelf mark`}
            maxLength={SHELF_MARK_CHARS_MAX}
            {...form.register("shelf_mark")}
          />
          <TextInput
            label={t`Price (₫)`}
            inputMode="numeric"
            error={errors.price_vnd && t`Whole đồng, digits only.`}
            {...form.register("price_vnd")}
          />
          <ErrorNotice error={add.error} />
          <Group justify="flex-end">
            <Button variant="default" onClick={props.onClose}>
              <Trans>Cancel</Trans>
            </Button>
            <Button type="submit" loading={add.isPending} data-testid="copies-save">
              <Trans>Add</Trans>
            </Button>
          </Group>
        </Stack>
      </form>
    </Dialog>
  );
}

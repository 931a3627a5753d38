import { valibotResolver } from "@hookform/resolvers/valibot";
import { Trans, useLingui } from "@lingui/react/macro";
import { Button, Group, NativeSelect, Stack, TextInput } from "@mantine/core";
import { useForm } from "react-hook-form";
import * as v from "valibot";
import { Dialog } from "../../components/Dialog";
import { ErrorNotice, Notice } from "../../components/Notice";
import type { Copy, CopyChange, CopyDetails } from "../../platform/desk";
import { useDeed } from "../../queries";
import { optionalPrice, SHELF_MARK_CHARS_MAX } from "./fields";

/** What a librarian may say of a copy; transit and forwarding belong to transfers. */
const CONDITIONS = ["good", "damaged", "lost", "withdrawn"] as const;

const CopyFields = v.object({
  condition: v.picklist(CONDITIONS),
  shelf_mark: v.pipe(v.string(), v.trim(), v.maxLength(SHELF_MARK_CHARS_MAX)),
  price_vnd: optionalPrice,
});

function detailsOf(copy: Copy): CopyDetails {
  const { barcode, title, condition, shelf_mark, price_vnd } = copy;
  return { barcode, title, condition, shelf_mark, price_vnd };
}

/** Changes what people keep of a copy. The site takes a change only of what was seen here. */
export function CopyForm({ copy, onClose }: { copy: Copy; onClose: () => void }) {
  const { t } = useLingui();
  const seen = detailsOf(copy);
  const ours = CONDITIONS.find((condition) => condition === copy.condition);
  const save = useDeed((desk, change: CopyChange) => desk.copySave(change), "copies", "titles");
  const form = useForm({
    resolver: valibotResolver(CopyFields),
    defaultValues: {
      condition: ours ?? "good",
      shelf_mark: copy.shelf_mark,
      price_vnd: String(copy.price_vnd ?? ""),
    },
  });
  const { errors } = form.formState;
  const submit = form.handleSubmit((fields) => {
    // What a transfer has said of a copy is not for this form to change.
    const condition = ours ? fields.condition : copy.condition;
    save.mutate({ details: { ...seen, ...fields, condition }, seen }, { onSuccess: onClose });
  });
  const { barcode } = copy;
  return (
    <Dialog title={<Trans>Change {barcode}</Trans>} onClose={onClose} data-testid="copy-form">
      <form onSubmit={submit}>
        <Stack>
          {ours ? (
            <NativeSelect
              label={t`Condition`}
              data={[
                { value: "good", label: t`Good` },
                { value: "damaged", label: t`Damaged` },
                { value: "lost", label: t`Lost` },
                { value: "withdrawn", label: t`Withdrawn` },
              ]}
              data-testid="copy-condition"
              {...form.register("condition")}
            />
          ) : (
            <Notice kind="info">
              <Trans>This copy is being moved between branches; its state follows the move.</Trans>
            </Notice>
          )}
          <TextInput
            label={t`Shelf mark`}
            maxLength={SHELF_MARK_CHARS_MAX}
            error={errors.shelf_mark && t`Up to 50 characters.`}
            data-testid="copy-shelf-mark"
            {...form.register("shelf_mark")}
          />
          <TextInput
            label={t`Price (₫)`}
            inputMode="numeric"
            error={errors.price_vnd && t`Whole đồng, digits only.`}
            {...form.register("price_vnd")}
          />
          <ErrorNotice error={save.error} />
          <Group justify="flex-end">
            <Button variant="default" onClick={onClose}>
              <Trans>Cancel</Trans>
            </Button>
            <Button type="submit" loading={save.isPending} data-testid="copy-save">
              <Trans>Save</Trans>
            </Button>
          </Group>
        </Stack>
      </form>
    </Dialog>
  );
}

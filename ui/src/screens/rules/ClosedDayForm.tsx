import { valibotResolver } from "@hookform/resolvers/valibot";
import { Trans, useLingui } from "@lingui/react/macro";
import { TextInput } from "@mantine/core";
import { useForm } from "react-hook-form";
import * as v from "valibot";
import { DayField, dayText } from "../../components/DayField";
import { parseDay } from "../../format";
import type { Branch, ClosedDay } from "../../platform/desk";
import { BranchSelect } from "./BranchSelect";
import { RowForm, type RowFormProps } from "./RowForm";

const ClosedDayFields = v.object({
  branch: v.pipe(
    v.string(),
    v.transform((code) => (code === "" ? null : code)),
  ),
  date: v.pipe(
    v.string(),
    v.transform(parseDay),
    v.check((day): day is string => day !== null),
    v.transform((day) => day as string),
  ),
  note: v.pipe(v.string(), v.trim(), v.maxLength(255)),
});

/** A day on which a branch, or all of them, is closed. */
export function ClosedDayForm(props: RowFormProps<ClosedDay> & { branches: readonly Branch[] }) {
  const { t } = useLingui();
  const { row } = props;
  const form = useForm({
    resolver: valibotResolver(ClosedDayFields),
    defaultValues: {
      branch: row?.branch ?? "",
      date: dayText(row?.date ?? null),
      note: row?.note ?? "",
    },
  });
  const { errors } = form.formState;
  return (
    <RowForm
      {...props}
      title={row ? <Trans>Change the closed day</Trans> : <Trans>New closed day</Trans>}
      onSubmit={form.handleSubmit(props.onSave)}
    >
      <BranchSelect
        branches={props.branches}
        disabled={row !== null}
        data-testid="closed-branch"
        {...form.register("branch")}
      />
      <DayField
        label={t`Day`}
        disabled={row !== null}
        error={errors.date && t`Type a day such as 22/11/2026.`}
        data-autofocus={row === null || undefined}
        data-testid="closed-date"
        {...form.register("date")}
      />
      <TextInput
        label={t`Why`}
        description={t`Such as Quốc khánh`}
        error={errors.note && t`Up to 255 characters.`}
        data-autofocus={row !== null || undefined}
        data-testid="closed-note"
        {...form.register("note")}
      />
    </RowForm>
  );
}

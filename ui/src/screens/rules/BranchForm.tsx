import { valibotResolver } from "@hookform/resolvers/valibot";
import { Trans, useLingui } from "@lingui/react/macro";
import { TextInput } from "@mantine/core";
import { useForm } from "react-hook-form";
import * as v from "valibot";
import type { Branch } from "../../platform/desk";
import { RowForm, type RowFormProps } from "./RowForm";

/** Characters are those of the columns. */
const BranchFields = v.object({
  code: v.pipe(v.string(), v.trim(), v.regex(/^[\x20-\x7e]{1,10}$/)),
  name: v.pipe(v.string(), v.trim(), v.nonEmpty(), v.maxLength(255)),
  address: v.pipe(v.string(), v.trim(), v.maxLength(255)),
});

/** A branch's name and address. Whether it takes part is decided among the sites. */
export function BranchForm(props: RowFormProps<Branch>) {
  const { t } = useLingui();
  const { row } = props;
  const form = useForm({
    resolver: valibotResolver(BranchFields),
    defaultValues: { code: row?.code ?? "", name: row?.name ?? "", address: row?.address ?? "" },
  });
  const { errors } = form.formState;
  return (
    <RowForm
      {...props}
      title={row ? <Trans>Change {row.name}</Trans> : <Trans>New branch</Trans>}
      onSubmit={form.handleSubmit((fields) =>
        // A new branch begins away: it becomes active once its site was filled and compared.
        props.onSave({ ...fields, standing: row?.standing ?? "away" }),
      )}
    >
      <TextInput
        label={t`Branch code`}
        disabled={row !== null}
        error={errors.code && t`Up to 10 letters and digits without marks.`}
        data-autofocus={row === null || undefined}
        data-testid="branch-code"
        {...form.register("code")}
      />
      <TextInput
        label={t`Name of the branch`}
        error={errors.name && t`Type the name, up to 255 characters.`}
        data-autofocus={row !== null || undefined}
        data-testid="branch-name"
        {...form.register("name")}
      />
      <TextInput
        label={t`Address`}
        error={errors.address && t`Up to 255 characters.`}
        data-testid="branch-address"
        {...form.register("address")}
      />
    </RowForm>
  );
}

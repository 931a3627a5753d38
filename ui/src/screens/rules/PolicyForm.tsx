import { valibotResolver } from "@hookform/resolvers/valibot";
import { Trans, useLingui } from "@lingui/react/macro";
import { Autocomplete, Checkbox, SimpleGrid, TextInput } from "@mantine/core";
import { useForm } from "react-hook-form";
import * as v from "valibot";
import { CATEGORIES } from "../../components/categories";
import type { Branch, LoanPolicy } from "../../platform/desk";
import { BranchSelect } from "./BranchSelect";
import { RowForm, type RowFormProps } from "./RowForm";

const number = (max: number) =>
  v.pipe(v.string(), v.trim(), v.regex(/^\d{1,4}$/), v.transform(Number), v.maxValue(max));
const DAYS_MAX = 3_650;
const LOANS_MAX = 1_000;
const RENEWALS_MAX = 255;

const orNothing = v.transform((text: string) => (text === "" ? null : text));

const PolicyFields = v.object({
  branch: v.pipe(v.string(), orNothing),
  category: v.pipe(v.string(), v.trim(), v.regex(/^[\x20-\x7e]{0,20}$/), orNothing),
  loan_days: number(DAYS_MAX),
  loans_max: number(LOANS_MAX),
  renewals_max: number(RENEWALS_MAX),
  renewal_days: number(DAYS_MAX),
  may_override: v.boolean(),
});

/** How long and how much a category of patrons may borrow. */
export function PolicyForm(props: RowFormProps<LoanPolicy> & { branches: readonly Branch[] }) {
  const { t } = useLingui();
  const { row } = props;
  const form = useForm({
    resolver: valibotResolver(PolicyFields),
    defaultValues: {
      branch: row?.branch ?? "",
      category: row?.category ?? "",
      loan_days: String(row?.loan_days ?? 14),
      loans_max: String(row?.loans_max ?? 5),
      renewals_max: String(row?.renewals_max ?? 1),
      renewal_days: String(row?.renewal_days ?? 14),
      may_override: row?.may_override ?? true,
    },
  });
  const { errors } = form.formState;
  const aNumber = t`A whole number.`;
  return (
    <RowForm
      {...props}
      title={row ? <Trans>Change the loan policy</Trans> : <Trans>New loan policy</Trans>}
      onSubmit={form.handleSubmit(props.onSave)}
    >
      <SimpleGrid cols={2}>
        <BranchSelect
          branches={props.branches}
          disabled={row !== null}
          data-testid="policy-branch"
          {...form.register("branch")}
        />
        <Autocomplete
          label={t`Category`}
          description={t`Nothing: every category without a rule of its own`}
          data={CATEGORIES}
          disabled={row !== null}
          defaultValue={form.getValues("category")}
          onChange={(category) => form.setValue("category", category)}
          error={errors.category && t`Up to 20 letters and digits without marks.`}
          data-testid="policy-category"
        />
        <TextInput
          label={t`Days of a loan`}
          inputMode="numeric"
          error={errors.loan_days && aNumber}
          data-autofocus={row !== null || undefined}
          data-testid="policy-loan-days"
          {...form.register("loan_days")}
        />
        <TextInput
          label={t`Books at one time`}
          inputMode="numeric"
          error={errors.loans_max && aNumber}
          data-testid="policy-loans-max"
          {...form.register("loans_max")}
        />
        <TextInput
          label={t`Renewals of a loan`}
          inputMode="numeric"
          error={errors.renewals_max && aNumber}
          {...form.register("renewals_max")}
        />
        <TextInput
          label={t`Days of a renewal`}
          inputMode="numeric"
          error={errors.renewal_days && aNumber}
          {...form.register("renewal_days")}
        />
      </SimpleGrid>
      <Checkbox
        label={t`A librarian may go on where a rule stands against it`}
        {...form.register("may_override")}
      />
    </RowForm>
  );
}

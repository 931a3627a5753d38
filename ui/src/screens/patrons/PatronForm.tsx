import { valibotResolver } from "@hookform/resolvers/valibot";
import { Trans, useLingui } from "@lingui/react/macro";
import { Autocomplete, Button, Group, SimpleGrid, Stack, Textarea, TextInput } from "@mantine/core";
import { useForm } from "react-hook-form";
import * as v from "valibot";
import { Category } from "../../components/Category";
import { CATEGORIES } from "../../components/categories";
import { DayField, dayText } from "../../components/DayField";
import { Dialog } from "../../components/Dialog";
import { ErrorNotice } from "../../components/Notice";
import { parseDay } from "../../format";
import type { Patron, PatronChange } from "../../platform/desk";
import { useAppView, useDeed } from "../../queries";
import { TAKES_SCANS } from "../shell/ScanRouting";

const optionalDay = v.pipe(
  v.string(),
  v.check((text) => text.trim() === "" || parseDay(text) !== null),
  v.transform(parseDay),
);

/** Characters are those of the columns. */
const PatronFields = v.object({
  code: v.pipe(v.string(), v.trim(), v.regex(/^[\x20-\x7e]{1,10}$/)),
  name: v.pipe(v.string(), v.trim(), v.nonEmpty(), v.maxLength(255)),
  category: v.pipe(v.string(), v.trim(), v.regex(/^[\x20-\x7e]{1,20}$/)),
  card_expires: optionalDay,
  birth_date: optionalDay,
  phone: v.pipe(v.string(), v.trim(), v.maxLength(20)),
  email: v.pipe(v.string(), v.trim(), v.maxLength(255)),
  deposit_vnd: v.pipe(
    v.string(),
    v.transform((text) => text.replace(/[.,\s]/g, "")),
    v.regex(/^\d{0,9}$/),
    v.transform(Number),
  ),
  note: v.pipe(v.string(), v.trim(), v.maxLength(1_000)),
});

type Fields = v.InferInput<typeof PatronFields>;

function fieldsOf(patron: Patron | null): Fields {
  return {
    code: patron?.code ?? "",
    name: patron?.name ?? "",
    category: patron?.category ?? "",
    card_expires: dayText(patron?.card_expires ?? null),
    birth_date: dayText(patron?.birth_date ?? null),
    phone: patron?.phone ?? "",
    email: patron?.email ?? "",
    deposit_vnd: String(patron?.deposit_vnd ?? ""),
    note: patron?.note ?? "",
  };
}

/** Adds a patron, or changes one. The site takes a change only of what was seen here. */
export function PatronForm(props: {
  patron: Patron | null;
  onClose: () => void;
  onSaved?: (code: string) => void;
}) {
  const { t } = useLingui();
  const { patron, onClose } = props;
  const branch = useAppView().data?.desk.enrolment?.branch ?? "";
  const save = useDeed((desk, change: PatronChange) => desk.patronSave(change), "patrons");
  const form = useForm({
    resolver: valibotResolver(PatronFields),
    defaultValues: fieldsOf(patron),
  });
  const { errors } = form.formState;
  const submit = form.handleSubmit((fields) => {
    const base = patron ?? { branch, block: null, home_branch: null, home_code: null };
    const change = { patron: { ...base, ...fields }, seen: patron };
    save.mutate(change, {
      onSuccess: () => {
        onClose();
        props.onSaved?.(fields.code);
      },
    });
  });
  const aDay = t`Type a day such as 22/11/2026, or nothing.`;
  return (
    <Dialog
      title={patron ? <Trans>Change {patron.name}</Trans> : <Trans>New card</Trans>}
      onClose={onClose}
      size="xl"
      data-testid="patron-form"
    >
      <form onSubmit={submit}>
        <Stack>
          <SimpleGrid cols={2}>
            <TextInput
              label={t`Code on the card`}
              disabled={patron !== null}
              error={errors.code && t`Up to 10 letters and digits without marks.`}
              data-autofocus={patron === null || undefined}
              data-testid="patron-code"
              {...TAKES_SCANS}
              {...form.register("code")}
            />
            <TextInput
              label={t`Name`}
              error={errors.name && t`Type the name.`}
              data-autofocus={patron !== null || undefined}
              data-testid="patron-name-field"
              {...form.register("name")}
            />
            <Autocomplete
              label={t`Category`}
              data={CATEGORIES}
              renderOption={({ option }) => (
                <span>
                  <b>{option.value}</b> · <Category code={option.value} />
                </span>
              )}
              defaultValue={form.getValues("category")}
              onChange={(category) => form.setValue("category", category)}
              error={errors.category && t`Choose a category of the loan policy.`}
              data-testid="patron-category"
            />
            <DayField
              label={t`Card good until`}
              description={t`Nothing: no end`}
              error={errors.card_expires && aDay}
              data-testid="patron-expires"
              {...form.register("card_expires")}
            />
            <DayField
              label={t`Born`}
              error={errors.birth_date && aDay}
              {...form.register("birth_date")}
            />
            <TextInput
              label={t`Phone`}
              error={errors.phone && t`Up to 20 characters.`}
              {...form.register("phone")}
            />
            <TextInput
              label={t`E-mail`}
              error={errors.email && t`Up to 255 characters.`}
              {...form.register("email")}
            />
            <TextInput
              label={t`Deposit (₫)`}
              inputMode="numeric"
              error={errors.deposit_vnd && t`Whole đồng, digits only.`}
              {...form.register("deposit_vnd")}
            />
          </SimpleGrid>
          <Textarea
            label={t`Note`}
            autosize
            minRows={2}
            maxLength={1_000}
            {...form.register("note")}
          />
          <ErrorNotice error={save.error} />
          <Group justify="flex-end">
            <Button variant="default" onClick={onClose}>
              <Trans>Cancel</Trans>
            </Button>
            <Button type="submit" loading={save.isPending} data-testid="patron-save">
              <Trans>Save</Trans>
            </Button>
          </Group>
        </Stack>
      </form>
    </Dialog>
  );
}

import { useLingui } from "@lingui/react/macro";
import { TextInput, type TextInputProps } from "@mantine/core";
import { formatDay } from "../format";

/** A date, typed as `22/11/2026`. It holds text: what is half typed is not lost. */
export function DayField(props: TextInputProps & { "data-testid"?: string }) {
  const { t } = useLingui();
  return <TextInput inputMode="numeric" placeholder={t`dd/mm/yyyy`} maxLength={10} {...props} />;
}

/** What a date field shows for a day, or for none. */
export function dayText(day: string | null): string {
  return day === null ? "" : formatDay(day);
}

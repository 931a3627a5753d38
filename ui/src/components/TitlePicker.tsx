import { useLingui } from "@lingui/react/macro";
import { Autocomplete, type AutocompleteProps } from "@mantine/core";
import { useDeferredValue, useState } from "react";
import type { Title } from "../platform/desk";
import { useTitles } from "../queries";
import { TAKES_SCANS } from "../screens/shell/ScanRouting";

/** Titles offered while one types. */
const OFFERS_MAX = 12;

/** Finds a title as one types. */
export function TitlePicker(
  props: Omit<AutocompleteProps, "data" | "value" | "onChange"> & {
    /** With nothing while the text names none of those that are offered. */
    onPick: (title: Title | null) => void;
    "data-testid"?: string;
  },
) {
  const { t } = useLingui();
  const { onPick, ...rest } = props;
  const [text, setText] = useState("");
  const found = useTitles(useDeferredValue(text));
  const offers = (found.data?.pages[0]?.titles ?? []).slice(0, OFFERS_MAX);
  const titles = new Map(
    offers.map(({ title }) => [`${title.name} · ${title.author} · ${title.key}`, title]),
  );
  return (
    <Autocomplete
      placeholder={t`Name, author or ISBN; marks may be left out`}
      data={[...titles.keys()]}
      // The desk has searched already, and finds more than a plain comparison would.
      filter={({ options }) => options}
      value={text}
      onChange={(next) => {
        setText(next);
        onPick(titles.get(next) ?? null);
      }}
      data-autofocus
      {...TAKES_SCANS}
      {...rest}
    />
  );
}

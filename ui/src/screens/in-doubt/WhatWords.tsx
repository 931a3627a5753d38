import { Plural, Trans } from "@lingui/react/macro";
import { Text } from "@mantine/core";
import type { ReactNode } from "react";
import { useBranches } from "../../components/useBranches";
import type { ChangeKind, WhatView } from "../../platform/desk";

/** Copies and changes that are named; of more it is said how many. */
const NAMED_MAX = 6;

const KINDS: Record<ChangeKind, ReactNode> = {
  put_title: <Trans>Add or change a title</Trans>,
  remove_title: <Trans>Remove a title</Trans>,
  put_branch: <Trans>Add or change a branch</Trans>,
  put_policy: <Trans>Add or change a loan policy</Trans>,
  remove_policy: <Trans>Remove a loan policy</Trans>,
  put_closed_day: <Trans>Add or change a closed day</Trans>,
  remove_closed_day: <Trans>Remove a closed day</Trans>,
  repair: <Trans>Make a row alike at all sites</Trans>,
  activate: <Trans>Make a branch active again</Trans>,
};

/** What a transaction does, in words. */
export function WhatWords({ what }: { what: WhatView }) {
  const { nameOf } = useBranches();
  if (what.kind === "transfer") {
    const more = what.copies.length - NAMED_MAX;
    return (
      <>
        <Text fw={600}>
          {nameOf(what.from)} → {nameOf(what.to)} ·{" "}
          <Plural value={what.copies.length} one="# copy" other="# copies" />
        </Text>
        <Text>
          {what.copies.slice(0, NAMED_MAX).join(", ")}
          {more > 0 && " …"}
        </Text>
      </>
    );
  }
  const more = what.changes.length - NAMED_MAX;
  return (
    <>
      {what.changes.slice(0, NAMED_MAX).map(({ change, key, name }) => (
        <Text key={`${change} ${key}`}>
          {KINDS[change]}: <b>{name || key}</b>
        </Text>
      ))}
      {more > 0 && (
        <Text c="dimmed">
          <Plural value={more} one="and # more" other="and # more" />
        </Text>
      )}
    </>
  );
}

import type { MessageDescriptor } from "@lingui/core";
import { msg } from "@lingui/core/macro";
import { useLingui } from "@lingui/react";

/** The ten main classes of Dewey's, by their first digit. */
const NAMES: readonly MessageDescriptor[] = [
  msg`General works`,
  msg`Philosophy and psychology`,
  msg`Religion`,
  msg`Social sciences`,
  msg`Languages`,
  msg`Natural sciences`,
  msg`Technology`,
  msg`Arts and sport`,
  msg`Literature`,
  msg`History and geography`,
];

/** Names a hundred of the Dewey classes; nothing is the name of what has no class. */
export function useClassName(): (digit: number | null) => string {
  const { i18n } = useLingui();
  return (digit) => {
    const name = digit === null ? undefined : NAMES[digit];
    return name ? `${digit}00 ${i18n._(name)}` : i18n._(msg`Without a class`);
  };
}

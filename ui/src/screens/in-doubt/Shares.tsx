import { Trans, useLingui } from "@lingui/react/macro";
import { Table, Text } from "@mantine/core";
import type { ReactNode } from "react";
import { useBranches } from "../../components/useBranches";
import { useLanguage } from "../../i18n";
import type { ShareStateView, ShareView } from "../../platform/desk";
import { SENSE } from "../../theme";

const WORDS: Record<ShareStateView, ReactNode> = {
  unseen: <Trans>has not seen it</Trans>,
  prepared: <Trans>has promised and waits; what it touches is held</Trans>,
  committed: <Trans>has done it</Trans>,
  aborted: <Trans>has given it up</Trans>,
  forced_commit: <Trans>was forced to do it</Trans>,
  forced_abort: <Trans>was forced to give it up</Trans>,
  wrongly_committed: <Trans>was forced to do it, and it was decided otherwise</Trans>,
  wrongly_aborted: <Trans>was forced to give it up, and it was decided otherwise</Trans>,
  restored: <Trans>was restored from a backup since</Trans>,
  unreachable: <Trans>cannot be reached</Trans>,
};

const COLORS: Partial<Record<ShareStateView, string>> = {
  committed: SENSE.good,
  prepared: SENSE.attention,
  wrongly_committed: SENSE.bad,
  wrongly_aborted: SENSE.bad,
  unreachable: SENSE.bad,
};

/** What each site has done of a transaction. */
export function Shares({ sites }: { sites: readonly ShareView[] }) {
  const { t } = useLingui();
  const { nameOf } = useBranches();
  const { say } = useLanguage();
  return (
    <Table verticalSpacing={4} aria-label={t`What each site has of it`}>
      <Table.Tbody>
        {sites.map(({ branch, state, message }) => (
          <Table.Tr key={branch} data-testid={`share-${branch}`} data-state={state}>
            <Table.Th scope="row" fw={500} w="34%">
              {nameOf(branch)}
            </Table.Th>
            <Table.Td>
              <Text fw={600} c={COLORS[state] ?? "dark"}>
                {WORDS[state]}
              </Text>
              {message && <Text size="sm">{say(message)}</Text>}
            </Table.Td>
          </Table.Tr>
        ))}
      </Table.Tbody>
    </Table>
  );
}

import { Trans, useLingui } from "@lingui/react/macro";
import { Badge, Button, Stack, Text, VisuallyHidden } from "@mantine/core";
import { IconRefresh } from "@tabler/icons-react";
import { useState } from "react";
import { Confirm } from "../../components/Dialog";
import { ErrorNotice } from "../../components/Notice";
import { type Column, Rows } from "../../components/Rows";
import { Screen } from "../../components/Screen";
import { Standing } from "../../components/Standing";
import { useBranches } from "../../components/useBranches";
import { formatNumber } from "../../format";
import { useLanguage } from "../../i18n";
import type { Branch, SiteView } from "../../platform/desk";
import { useRules, useSiteStates } from "../../queries";
import { SENSE } from "../../theme";
import { useChange } from "../changes/useChange";
import { AuditPanel } from "./AuditPanel";
import { StandingDeeds } from "./StandingDeeds";

/** A site, of which nothing may be known yet. */
interface Line {
  readonly branch: string;
  readonly state: SiteView | null;
}

/** Which sites are there, which rest, and how each stands in the network. */
export function SitesScreen() {
  const { t } = useLingui();
  const { branches, nameOf } = useBranches();
  const asked = useSiteStates();
  const said = asked.whole ?? asked.news;
  const known = new Map(said.map((state) => [state.branch, state]));
  const all = new Set([...branches.map(({ code }) => code), ...known.keys()]);
  const lines = [...all].map((branch) => ({ branch, state: known.get(branch) ?? null }));
  const setAway = useChange();
  const [leaving, setLeaving] = useState<Branch | null>(null);
  const rules = useRules().branches.data?.branches ?? [];
  const columns: Column<Line>[] = [
    {
      key: "branch",
      head: <Trans>Branch</Trans>,
      width: "minmax(150px, 1fr)",
      cell: ({ branch }) => (
        <Stack gap={0}>
          <Text fw={600} truncate>
            {nameOf(branch)}
          </Text>
          <Text size="sm" c="dimmed">
            {branch}
          </Text>
        </Stack>
      ),
    },
    {
      key: "reach",
      head: <Trans>Line</Trans>,
      width: "minmax(190px, 1.6fr)",
      cell: ({ branch, state }) => <Reach branch={branch} state={state} />,
    },
    {
      key: "standing",
      head: <Trans>Standing</Trans>,
      width: "150px",
      cell: ({ state }) => state?.standing && <Standing standing={state.standing} />,
    },
    {
      key: "network",
      head: <Trans>What it knows of the network</Trans>,
      width: "minmax(180px, 1.2fr)",
      cell: ({ state }) => state && <Knows state={state} />,
    },
    {
      key: "deeds",
      head: (
        <VisuallyHidden>
          <Trans>What can be done</Trans>
        </VisuallyHidden>
      ),
      width: "180px",
      right: true,
      cell: ({ branch, state }) => {
        const row = rules.find(({ code }) => code === branch);
        if (state && (state.said?.is_quarantined || state.standing === "away")) {
          return <StandingDeeds state={state} onChanged={asked.again} />;
        }
        return (
          row?.standing === "active" && (
            <Button
              size="compact-md"
              variant="default"
              onClick={() => setLeaving(row)}
              aria-label={t`Set ${row.name} away`}
              data-testid={`set-away-${branch}`}
            >
              <Trans>Set away…</Trans>
            </Button>
          )
        );
      },
    },
  ];
  return (
    <Screen
      title={<Trans>Sites</Trans>}
      data-testid="sites-screen"
      actions={
        <Button
          variant="default"
          leftSection={<IconRefresh size={18} aria-hidden />}
          loading={asked.isAsking}
          onClick={asked.again}
          data-testid="sites-again"
        >
          <Trans>Ask again</Trans>
        </Button>
      }
    >
      <ErrorNotice error={asked.error} />
      {setAway.shown}
      <Rows
        label={t`Sites of the network`}
        rows={lines}
        columns={columns}
        rowKey={({ branch }) => branch}
        rowHeight_px={76}
        data-testid="sites"
      />
      <AuditPanel />
      {leaving && (
        <Confirm
          title={<Trans>Set {leaving.name} away?</Trans>}
          action={<Trans>Set away</Trans>}
          danger
          busy={setAway.busy}
          error={setAway.error}
          onConfirm={() =>
            setAway.submit(
              {
                change: "put_branch",
                branch: { ...leaving, standing: "away" },
                seen: leaving,
              },
              () => {
                setLeaving(null);
                asked.again();
              },
            )
          }
          onClose={() => setLeaving(null)}
        >
          <Trans>
            Additions and changes then go on without it, removals wait. It goes on lending. Before
            it takes part again, its site is filled and compared.
          </Trans>
        </Confirm>
      )}
    </Screen>
  );
}

/** Whether a site answers. */
function Reach({ branch, state }: { branch: string; state: SiteView | null }) {
  const { language, say } = useLanguage();
  const reach = state === null ? "asked" : state.absent ? "absent" : "reachable";
  return (
    <div data-testid={`site-reach-${branch}`} data-state={reach}>
      {state === null ? (
        <Text c="dimmed">
          <Trans>is asked…</Trans>
        </Text>
      ) : state.absent ? (
        <Text size="sm" lineClamp={3}>
          {say(state.absent.why)}
        </Text>
      ) : (
        <Badge color={SENSE.good} variant="light" size="lg" tt="none">
          <Trans>answers in {formatNumber(state.after_ms ?? 0, language)} ms</Trans>
        </Badge>
      )}
    </div>
  );
}

/** What a site says of itself. */
function Knows({ state }: { state: SiteView }) {
  if (state.said === null) {
    return null;
  }
  const { membership, is_quarantined } = state.said;
  return (
    <Stack gap={2} align="flex-start">
      {is_quarantined && (
        <Badge color={SENSE.bad} size="lg" tt="none" data-testid="quarantined">
          <Trans>restored, not told everything yet</Trans>
        </Badge>
      )}
      <Text size="sm">
        <Trans>membership {membership}</Trans>
        {state.is_behind && (
          <>
            {" · "}
            <b>
              <Trans>older than others</Trans>
            </b>
          </>
        )}
      </Text>
    </Stack>
  );
}

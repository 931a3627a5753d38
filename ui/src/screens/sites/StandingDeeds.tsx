import { Plural, Trans, useLingui } from "@lingui/react/macro";
import { Button, Checkbox, Group, Stack, Text } from "@mantine/core";
import { useState } from "react";
import { Dialog } from "../../components/Dialog";
import { ErrorNotice, Notice } from "../../components/Notice";
import { resourceKey, resourceName } from "../../components/resources";
import { useBranches } from "../../components/useBranches";
import { formatNumber } from "../../format";
import { useLanguage } from "../../i18n";
import type { AuditProgress, FillTerms, FillView, SiteView } from "../../platform/desk";
import { useDeed, useLongDeed } from "../../queries";
import { NotDone } from "./AuditPanel";

/** Rows that were left and are named. */
const LEFT_SHOWN_MAX = 10;

/** What can be done about a branch's place in the network, as it stands. */
export function StandingDeeds({ state, onChanged }: { state: SiteView; onChanged: () => void }) {
  const { t } = useLingui();
  const { nameOf } = useBranches();
  const [fills, setFills] = useState(false);
  const readmit = useDeed((desk, branch: string) => desk.siteReadmit(branch), "inDoubt");
  const name = nameOf(state.branch);
  if (state.said?.is_quarantined) {
    return (
      <Stack gap={2}>
        <Button
          size="compact-md"
          variant="default"
          loading={readmit.isPending}
          onClick={() => readmit.mutate(state.branch, { onSuccess: onChanged })}
          aria-label={t`Tell ${name} what it missed`}
          data-testid={`readmit-${state.branch}`}
        >
          <Trans>Tell it what it missed</Trans>
        </Button>
        <ErrorNotice error={readmit.error} />
      </Stack>
    );
  }
  if (state.standing === "away") {
    return (
      <>
        <Button
          size="compact-md"
          variant="default"
          onClick={() => setFills(true)}
          aria-label={t`Bring ${name} back`}
          data-testid={`fill-${state.branch}`}
        >
          <Trans>Bring it back…</Trans>
        </Button>
        {fills && (
          <FillDialog
            branch={state.branch}
            onClose={() => {
              setFills(false);
              onChanged();
            }}
          />
        )}
      </>
    );
  }
  return null;
}

/** Brings a site that is away to what the network has, and makes its branch active again. */
function FillDialog({ branch, onClose }: { branch: string; onClose: () => void }) {
  const { t } = useLingui();
  const { nameOf } = useBranches();
  const { language } = useLanguage();
  const [terms, setTerms] = useState<FillTerms>({ overwrite: false, drop_extra: false });
  const fill = useLongDeed((desk, wanted: FillTerms, hear: (news: FillView) => void) =>
    desk.replicaFill(branch, null, wanted, hear),
  );
  const activate = useLongDeed(
    (desk, which: string, hear: (news: AuditProgress) => void) => desk.replicaActivate(which, hear),
    "rules",
  );
  const filled = fill.data ?? fill.told.at(-1);
  const isActive = activate.data?.done ?? false;
  const name = nameOf(branch);
  return (
    <Dialog
      title={<Trans>Bring {name} back</Trans>}
      onClose={onClose}
      size="xl"
      data-testid="fill-dialog"
    >
      <Stack>
        <Text>
          <Trans>
            First its site is filled with what the others have. Then it is compared with them, and
            takes part again once nothing differs. Both can be done again where they were broken
            off.
          </Trans>
        </Text>
        <Checkbox
          label={t`Rows that it has otherwise become the network's`}
          checked={terms.overwrite}
          onChange={(event) => setTerms({ ...terms, overwrite: event.currentTarget.checked })}
          data-testid="fill-overwrite"
        />
        <Checkbox
          label={t`Rows that only it has go, where nothing hangs on them`}
          checked={terms.drop_extra}
          onChange={(event) => setTerms({ ...terms, drop_extra: event.currentTarget.checked })}
        />
        <ErrorNotice error={fill.error ?? activate.error} />
        {filled && <Filled filled={filled} language={language} />}
        {activate.data && !isActive && <NotDone view={activate.data} />}
        {isActive && (
          <Notice kind="info" data-testid="activated">
            <Trans>{name} takes part again.</Trans>
          </Notice>
        )}
        <Group justify="flex-end">
          <Button variant="default" onClick={onClose}>
            <Trans>Close</Trans>
          </Button>
          <Button
            variant={fill.data ? "default" : "filled"}
            loading={fill.isPending}
            disabled={isActive}
            onClick={() => fill.mutate(terms)}
            data-autofocus
            data-testid="fill-run"
          >
            <Trans>Fill</Trans>
          </Button>
          <Button
            disabled={!fill.data || isActive}
            loading={activate.isPending}
            onClick={() => activate.mutate(branch)}
            data-testid="activate-run"
          >
            <Trans>Compare, make active</Trans>
          </Button>
        </Group>
      </Stack>
    </Dialog>
  );
}

function Filled({ filled, language }: { filled: FillView; language: "vi" | "en" }) {
  const { nameOf } = useBranches();
  const from = nameOf(filled.from);
  const [rows, written] = [filled.rows, filled.written].map((count) =>
    formatNumber(count, language),
  );
  return (
    <Notice kind={filled.left_count > 0 ? "attention" : "info"} data-testid="filled">
      <Trans>
        From {from}: {rows} rows were looked at, {written} were written.
      </Trans>
      {filled.left_count > 0 && (
        <>
          {" "}
          <Plural
            value={filled.left_count}
            one="# row was left as it is:"
            other="# rows were left as they are:"
          />
          {filled.left.slice(0, LEFT_SHOWN_MAX).map(({ resource }) => (
            <div key={resourceKey(resource)}>{resourceName(resource)}</div>
          ))}
        </>
      )}
    </Notice>
  );
}

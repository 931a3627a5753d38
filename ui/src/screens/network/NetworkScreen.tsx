import { Trans, useLingui } from "@lingui/react/macro";
import { Button, Group, Text, VisuallyHidden } from "@mantine/core";
import { IconPlus, IconRefresh, IconTemplate } from "@tabler/icons-react";
import { Link } from "@tanstack/react-router";
import { useMemo, useState } from "react";
import { Empty } from "../../components/Empty";
import { ErrorNotice, Notice } from "../../components/Notice";
import { type Column, Rows } from "../../components/Rows";
import { Screen } from "../../components/Screen";
import { useLanguage } from "../../i18n";
import type { NetworkView, SiteEntry } from "../../platform/desk";
import { useAppView, useDeed, useNetwork } from "../../queries";
import { SiteFormDialog } from "./SiteFormDialog";
import { TlsName } from "./TlsName";

/** What is open in the form: an entry or a new one, and the file that it was seen in. */
interface Opened {
  readonly entry: SiteEntry | null;
  readonly seen: string | null;
}

/** Which sites there are and how they are reached. The first screen where no network is set up yet. */
export function NetworkScreen() {
  const network = useNetwork();
  const app = useAppView().data;
  const [opened, setOpened] = useState<Opened | null>(null);
  const reread = useDeed((desk, _: null) => desk.networkReread(), "network");
  const template = useDeed((desk, _: null) => desk.networkTemplate(), "network");
  const view = network.data;
  const open = (entry: SiteEntry | null) => setOpened({ entry, seen: view?.seen ?? null });
  const isSignedIn = app?.desk.person != null;
  return (
    <Screen
      title={<Trans>Network</Trans>}
      data-testid="network-screen"
      actions={
        <>
          {!isSignedIn && (
            <Button component={Link} to="/" variant="default" data-testid="network-leave">
              {app?.desk.enrolment ? (
                <Trans>To the sign-in</Trans>
              ) : (
                <Trans>Set up this desk</Trans>
              )}
            </Button>
          )}
          <Button
            variant="default"
            leftSection={<IconRefresh size={18} aria-hidden />}
            loading={reread.isPending}
            onClick={() => reread.mutate(null)}
            data-testid="network-reread"
          >
            <Trans>Read the file again</Trans>
          </Button>
          {view?.may_change && isUsable(view) && (
            <Button
              leftSection={<IconPlus size={18} aria-hidden />}
              onClick={() => open(null)}
              data-testid="network-add"
            >
              <Trans>Add a site</Trans>
            </Button>
          )}
        </>
      }
      top={
        view && (
          <>
            <Text c="dimmed" data-testid="network-path" style={{ overflowWrap: "anywhere" }}>
              <Trans>Network file: {view.file}</Trans>
            </Text>
            <State view={view} />
            {!view.may_change && (
              <Notice kind="info" data-testid="network-read-only">
                <Trans>
                  Only a manager changes the network of a desk that is set up. Here you can look,
                  and try the connections.
                </Trans>
              </Notice>
            )}
            {view.may_change && view.trouble?.code === "network_missing" && (
              <Group>
                <Button
                  leftSection={<IconTemplate size={18} aria-hidden />}
                  loading={template.isPending}
                  onClick={() => template.mutate(null)}
                  autoFocus
                  data-testid="network-template"
                >
                  <Trans>Begin with Site_TV_Q1 and Site_TV_Q3</Trans>
                </Button>
              </Group>
            )}
          </>
        )
      }
    >
      <ErrorNotice error={network.error ?? reread.error ?? template.error} />
      {view && <SiteRows view={view} onOpen={open} />}
      {view && opened && (
        <SiteFormDialog
          entry={opened.entry}
          seen={opened.seen}
          mayChange={view.may_change}
          home={app?.desk.enrolment?.branch ?? null}
          onClose={() => setOpened(null)}
        />
      )}
    </Screen>
  );
}

/** Whether an entry can be added: a file that is not there or empty is no obstacle. */
function isUsable({ trouble }: NetworkView): boolean {
  return trouble === null || ["network_missing", "network_empty"].includes(trouble.code);
}

/** Why the network file cannot be used, and where it is mended when not here. */
function State({ view }: { view: NetworkView }) {
  const { say } = useLanguage();
  const { trouble } = view;
  if (trouble === null) {
    return null;
  }
  return (
    <Notice kind={isUsable(view) ? "attention" : "error"} data-testid="network-trouble">
      <div style={{ whiteSpace: "pre-wrap" }}>{say(trouble)}</div>
      {!isUsable(view) && (
        <div>
          <Trans>Correct the file in a text editor, then read it again here.</Trans>
        </div>
      )}
    </Notice>
  );
}

function SiteRows(props: { view: NetworkView; onOpen: (entry: SiteEntry) => void }) {
  const { t } = useLingui();
  const { view, onOpen } = props;
  const columns = useMemo<Column<SiteEntry>[]>(
    () => [
      { key: "code", head: <Trans>Branch code</Trans>, width: "130px", cell: (site) => site.code },
      {
        key: "name",
        head: <Trans>Branch</Trans>,
        width: "minmax(160px, 1fr)",
        cell: (site) => site.name,
      },
      {
        key: "where",
        head: <Trans>Where</Trans>,
        width: "minmax(200px, 1.4fr)",
        cell: (site) =>
          site.kind === "embedded" ? site.path : `${site.address} · ${site.database}`,
      },
      {
        key: "tls",
        head: <Trans>Certificate</Trans>,
        width: "minmax(140px, 1fr)",
        cell: (site) => (site.kind === "sqlserver" ? <TlsName tls={site.tls} /> : ""),
      },
      {
        key: "open",
        head: (
          <VisuallyHidden>
            <Trans>Change or try</Trans>
          </VisuallyHidden>
        ),
        width: "150px",
        right: true,
        cell: (site) => (
          <Button
            size="compact-md"
            variant="default"
            onClick={(event) => {
              event.stopPropagation();
              onOpen(site);
            }}
            aria-label={
              view.may_change ? t`Change ${site.code} or try it` : t`Look at ${site.code} or try it`
            }
            data-testid={`network-open-${site.code}`}
          >
            {view.may_change ? <Trans>Change, try</Trans> : <Trans>Look, try</Trans>}
          </Button>
        ),
      },
    ],
    [onOpen, view.may_change, t],
  );
  if (view.sites.length === 0) {
    return view.trouble && !isUsable(view) ? null : (
      <Empty>
        <Trans>No sites yet. A desk works for one of them.</Trans>
      </Empty>
    );
  }
  return (
    <Rows
      rows={view.sites}
      columns={columns}
      rowKey={(site) => site.code}
      label={t`Sites of the network`}
      onOpen={onOpen}
      data-testid="network-sites"
    />
  );
}

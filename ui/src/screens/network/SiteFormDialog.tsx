import { valibotResolver } from "@hookform/resolvers/valibot";
import { Trans, useLingui } from "@lingui/react/macro";
import { Button, Divider, Group, Stack } from "@mantine/core";
import { IconTrash } from "@tabler/icons-react";
import { useState } from "react";
import { useForm } from "react-hook-form";
import { Confirm, Dialog } from "../../components/Dialog";
import { ErrorNotice, Notice } from "../../components/Notice";
import type { SiteEntry } from "../../platform/desk";
import { useDeed } from "../../queries";
import { SENSE } from "../../theme";
import { ConnectionTestPanel } from "./ConnectionTestPanel";
import { entryOf, fieldsOf, SiteFields } from "./fields";
import { SiteFieldset } from "./SiteFieldset";

/** Adds a site or changes one, tries its connection, takes it out. The file takes a change only of what
 * was seen here. */
export function SiteFormDialog(props: {
  entry: SiteEntry | null;
  seen: string | null;
  mayChange: boolean;
  /** The branch that this desk is enrolled for. */
  home: string | null;
  onClose: () => void;
}) {
  const { t } = useLingui();
  const { entry, seen, mayChange, onClose } = props;
  const [removes, setRemoves] = useState(false);
  const isHome = entry !== null && entry.code === props.home;
  const save = useDeed(
    (desk, changed: SiteEntry) =>
      entry === null ? desk.networkAdd(seen, changed) : desk.networkChange(seen ?? "", changed),
    "network",
  );
  const remove = useDeed(
    (desk, code: string) => desk.networkRemove(seen ?? "", code, isHome),
    "network",
  );
  const form = useForm({
    resolver: valibotResolver(SiteFields),
    // Every field that is wrong says so at once.
    criteriaMode: "all",
    defaultValues: fieldsOf(entry),
  });
  const submit = form.handleSubmit((fields) =>
    save.mutate(entryOf(fields), { onSuccess: onClose }),
  );
  const toTry = async () =>
    (await form.trigger(undefined, { shouldFocus: true })) ? entryOf(form.getValues()) : null;
  if (removes && entry) {
    const { name } = entry;
    return (
      <Confirm
        title={<Trans>Take {name} out of the network?</Trans>}
        action={<Trans>Take it out</Trans>}
        danger
        busy={remove.isPending}
        error={remove.error}
        onConfirm={() => remove.mutate(entry.code, { onSuccess: onClose })}
        onClose={() => setRemoves(false)}
      >
        {isHome ? (
          <Trans>
            This desk belongs to that branch. Without the site it only works offline, and what waits
            is not sent until the site is in the network again.
          </Trans>
        ) : (
          <Trans>
            Nothing changes at the site itself. Desks that use this file cannot reach it.
          </Trans>
        )}
      </Confirm>
    );
  }
  return (
    <Dialog title={title(entry, mayChange)} onClose={onClose} size="xl" data-testid="network-form">
      <form onSubmit={submit} noValidate>
        <Stack>
          {isHome && mayChange && (
            <Notice kind="attention" data-testid="network-home">
              <Trans>
                This desk belongs to this branch. What waits here will be sent to the site as it is
                set below.
              </Trans>
            </Notice>
          )}
          <SiteFieldset form={form} isNew={entry === null} mayChange={mayChange} />
          <Divider />
          <ConnectionTestPanel entry={toTry} />
          <Divider />
          <ErrorNotice error={save.error} />
          <Group justify="space-between">
            {entry !== null && mayChange ? (
              <Button
                variant="subtle"
                color={SENSE.bad}
                leftSection={<IconTrash size={18} aria-hidden />}
                onClick={() => setRemoves(true)}
                data-testid="network-remove"
              >
                <Trans>Take out</Trans>
              </Button>
            ) : (
              <span />
            )}
            <Group>
              <Button variant="default" onClick={onClose}>
                {mayChange ? t`Cancel` : t`Close`}
              </Button>
              {mayChange && (
                <Button type="submit" loading={save.isPending} data-testid="network-save">
                  <Trans>Save</Trans>
                </Button>
              )}
            </Group>
          </Group>
        </Stack>
      </form>
    </Dialog>
  );
}

function title(entry: SiteEntry | null, mayChange: boolean) {
  if (entry === null) {
    return <Trans>Add a site</Trans>;
  }
  const { name } = entry;
  return mayChange ? <Trans>Change {name}</Trans> : name;
}

import { Trans } from "@lingui/react/macro";
import { Button, Group, Stack } from "@mantine/core";
import type { FormEventHandler, ReactNode } from "react";
import { Dialog } from "../../components/Dialog";
import { ErrorNotice } from "../../components/Notice";

/** What every form of a row that all sites hold is given. */
export interface RowFormProps<Row> {
  /** The row to change; nothing to add one. */
  readonly row: Row | null;
  readonly busy: boolean;
  readonly error: unknown;
  readonly onSave: (row: Row) => void;
  readonly onClose: () => void;
}

/** The frame of these forms. */
export function RowForm(props: {
  title: ReactNode;
  busy: boolean;
  error: unknown;
  onSubmit: FormEventHandler;
  onClose: () => void;
  children: ReactNode;
}) {
  return (
    <Dialog title={props.title} onClose={props.onClose} data-testid="row-form">
      <form onSubmit={props.onSubmit}>
        <Stack>
          {props.children}
          <ErrorNotice error={props.error} />
          <Group justify="flex-end">
            <Button variant="default" onClick={props.onClose}>
              <Trans>Cancel</Trans>
            </Button>
            <Button type="submit" loading={props.busy} data-testid="row-save">
              <Trans>Save at all sites</Trans>
            </Button>
          </Group>
        </Stack>
      </form>
    </Dialog>
  );
}

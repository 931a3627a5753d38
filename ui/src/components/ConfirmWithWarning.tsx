import { Trans } from "@lingui/react/macro";
import { Button, Checkbox, Group, Stack } from "@mantine/core";
import { type ReactNode, useState } from "react";
import { SENSE } from "../theme";
import { Dialog } from "./Dialog";
import { ErrorNotice, Notice } from "./Notice";

/** Asks before something that can do harm: what it means is said, and has to be said back. */
export function ConfirmWithWarning(props: {
  title: ReactNode;
  /** What it means. */
  children: ReactNode;
  /** What the person says by ticking, in the first person. */
  understood: ReactNode;
  action: ReactNode;
  busy: boolean;
  error: unknown;
  onConfirm: () => void;
  onClose: () => void;
}) {
  const [isUnderstood, setUnderstood] = useState(false);
  return (
    <Dialog title={props.title} onClose={props.onClose} size="lg" data-testid="warning-dialog">
      <form
        onSubmit={(event) => {
          event.preventDefault();
          if (isUnderstood) {
            props.onConfirm();
          }
        }}
      >
        <Stack>
          <Notice kind="attention">{props.children}</Notice>
          <Checkbox
            label={props.understood}
            checked={isUnderstood}
            onChange={(event) => setUnderstood(event.currentTarget.checked)}
            data-autofocus
            data-testid="understood"
          />
          <ErrorNotice error={props.error} />
          <Group justify="flex-end">
            <Button variant="default" onClick={props.onClose}>
              <Trans>Cancel</Trans>
            </Button>
            <Button
              type="submit"
              color={SENSE.bad}
              disabled={!isUnderstood}
              loading={props.busy}
              data-testid="confirm"
            >
              {props.action}
            </Button>
          </Group>
        </Stack>
      </form>
    </Dialog>
  );
}

import { Trans, useLingui } from "@lingui/react/macro";
import { Button, Group, Modal, Stack, Text } from "@mantine/core";
import { type ReactNode, useEffect, useState } from "react";
import { SENSE } from "../theme";
import { ErrorNotice } from "./Notice";

/** A sheet over the screen. Escape closes it; the focus goes back to where it was. */
export function Dialog(props: {
  title: ReactNode;
  onClose: () => void;
  size?: string | number;
  children: ReactNode;
  "data-testid"?: string;
}) {
  const { t } = useLingui();
  useFocusGoesBack();
  return (
    <Modal
      opened
      onClose={props.onClose}
      title={
        <Text fw={600} size="xl">
          {props.title}
        </Text>
      }
      size={props.size ?? "lg"}
      closeButtonProps={{ "aria-label": t`Close` }}
      data-testid={props["data-testid"]}
    >
      {props.children}
    </Modal>
  );
}

/**
 * Gives the focus back to what had it before, unless someone took it meanwhile. The library's own way of
 * doing this is for sheets that stay there while they are closed; ours come and go.
 */
function useFocusGoesBack() {
  const [before] = useState(() => document.activeElement);
  useEffect(
    () => () => {
      const active = document.activeElement;
      const isLost = active === null || active === document.body;
      if (isLost && before instanceof HTMLElement && before.isConnected) {
        before.focus({ preventScroll: true });
      }
    },
    [before],
  );
}

/** Asks before something that cannot be taken back by a key. */
export function Confirm(props: {
  title: ReactNode;
  children: ReactNode;
  action: ReactNode;
  danger?: boolean;
  busy: boolean;
  error: unknown;
  onConfirm: () => void;
  onClose: () => void;
}) {
  return (
    <Dialog title={props.title} onClose={props.onClose} size="md">
      <Stack>
        <Text>{props.children}</Text>
        <ErrorNotice error={props.error} />
        <Group justify="flex-end">
          <Button variant="default" onClick={props.onClose}>
            <Trans>Cancel</Trans>
          </Button>
          <Button
            color={props.danger ? SENSE.bad : "ink"}
            loading={props.busy}
            onClick={props.onConfirm}
            data-autofocus
            data-testid="confirm"
          >
            {props.action}
          </Button>
        </Group>
      </Stack>
    </Dialog>
  );
}

import { Trans, useLingui } from "@lingui/react/macro";
import { Button, Group, Stack, Textarea } from "@mantine/core";
import { type FormEvent, useState } from "react";
import { Dialog } from "../../components/Dialog";
import { ErrorNotice } from "../../components/Notice";
import type { Patron, PatronChange } from "../../platform/desk";
import { useDeed } from "../../queries";
import { SENSE } from "../../theme";

/** The length of the column. */
const REASON_CHARS_MAX = 255;

/** Blocks a card. The reason is what the next librarian will read, so there must be one. */
export function BlockDialog({ patron, onClose }: { patron: Patron; onClose: () => void }) {
  const { t } = useLingui();
  const [reason, setReason] = useState("");
  const save = useDeed((desk, change: PatronChange) => desk.patronSave(change), "patrons");
  const block = (event: FormEvent) => {
    event.preventDefault();
    if (reason.trim() !== "") {
      const change = { patron: { ...patron, block: reason.trim() }, seen: patron };
      save.mutate(change, { onSuccess: onClose });
    }
  };
  return (
    <Dialog title={<Trans>Block the card</Trans>} onClose={onClose} size="md">
      <form onSubmit={block}>
        <Stack>
          <Textarea
            label={t`Why, and what lifts the block`}
            required
            autosize
            minRows={3}
            maxLength={REASON_CHARS_MAX}
            value={reason}
            onChange={(event) => setReason(event.currentTarget.value)}
            data-autofocus
            data-testid="block-reason"
          />
          <ErrorNotice error={save.error} />
          <Group justify="flex-end">
            <Button variant="default" onClick={onClose}>
              <Trans>Cancel</Trans>
            </Button>
            <Button
              type="submit"
              color={SENSE.bad}
              loading={save.isPending}
              data-testid="block-submit"
            >
              <Trans>Block</Trans>
            </Button>
          </Group>
        </Stack>
      </form>
    </Dialog>
  );
}

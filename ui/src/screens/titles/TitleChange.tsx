import { Trans } from "@lingui/react/macro";
import { Button } from "@mantine/core";
import { IconTrash } from "@tabler/icons-react";
import { useState } from "react";
import { Confirm } from "../../components/Dialog";
import type { CatalogueChange, Title } from "../../platform/desk";
import { SENSE } from "../../theme";
import { TitleForm } from "./TitleForm";

/** Adds a title, changes one, or marks it removed. */
export function TitleChange(props: {
  /** The title as it was seen; nothing to add one. */
  title: Title | null;
  busy: boolean;
  error: unknown;
  onChange: (change: CatalogueChange) => void;
  onClose: () => void;
}) {
  const { title: seen, busy, error, onChange, onClose } = props;
  const [removes, setRemoves] = useState(false);
  if (removes && seen) {
    return (
      <Confirm
        title={<Trans>Remove {seen.name}?</Trans>}
        action={<Trans>Remove at all sites</Trans>}
        danger
        busy={busy}
        error={error}
        onConfirm={() => onChange({ change: "remove_title", seen })}
        onClose={() => setRemoves(false)}
      >
        <Trans>
          The title is taken out of the catalogue of every branch. That is refused while a branch
          has a copy of it, or one is on its way. Nothing is deleted.
        </Trans>
      </Confirm>
    );
  }
  return (
    <TitleForm
      title={seen}
      busy={busy}
      error={error}
      onSave={(title) => onChange({ change: "put_title", title, seen })}
      onClose={onClose}
      more={
        seen && (
          <Button
            variant="subtle"
            color={SENSE.bad}
            leftSection={<IconTrash size={18} aria-hidden />}
            onClick={() => setRemoves(true)}
            data-testid="title-remove"
          >
            <Trans>Remove</Trans>
          </Button>
        )
      }
    />
  );
}

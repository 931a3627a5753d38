import { Trans } from "@lingui/react/macro";
import { Badge } from "@mantine/core";
import { Notice } from "../../components/Notice";
import { useLanguage } from "../../i18n";
import type { PendingView } from "../../platform/desk";
import { SENSE } from "../../theme";

/** What has become of a change, in a word. */
export function ChangeBadge({ entry }: { entry: PendingView }) {
  switch (entry.state) {
    case "waiting":
      return (
        <Badge color="ink" variant="light" size="lg" tt="none">
          <Trans>waits</Trans>
        </Badge>
      );
    case "done":
      return (
        <Badge color={SENSE.good} variant="light" size="lg" tt="none">
          <Trans>done at all sites</Trans>
        </Badge>
      );
    case "refused":
      return (
        <Badge color={SENSE.bad} size="lg" tt="none">
          <Trans>refused</Trans>
        </Badge>
      );
    case "withdrawn":
      return (
        <Badge color={SENSE.gone} variant="outline" size="lg" tt="none">
          <Trans>withdrawn</Trans>
        </Badge>
      );
  }
}

/** What became of a change that was just asked for. */
export function ChangeNotice({ entry }: { entry: PendingView }) {
  const { say } = useLanguage();
  const state = entry.state;
  return (
    <Notice
      kind={state === "done" ? "info" : state === "refused" ? "error" : "attention"}
      data-testid="change-outcome"
    >
      <span data-testid={`change-${state}`}>
        {state === "done" && <Trans>The change is done at all sites.</Trans>}
        {state === "waiting" && (
          <>
            <Trans>The change is kept and tried again by itself.</Trans>{" "}
          </>
        )}
        {state !== "done" && entry.message && say(entry.message)}
      </span>
    </Notice>
  );
}

import { Trans } from "@lingui/react/macro";
import { formatMoment } from "../format";
import { Notice } from "./Notice";

/** Says that what follows is what the desk knew at a moment, not what the site says. */
export function KnownOf({ as_of, now }: { as_of: string; now: Date }) {
  const moment = formatMoment(new Date(as_of), now);
  return (
    <Notice kind="attention" data-testid="known-of">
      <Trans>
        The site cannot be reached. This is what the desk knew at {moment}; it can be changed when
        the site is back.
      </Trans>
    </Notice>
  );
}

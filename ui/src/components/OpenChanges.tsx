import { Plural, Trans } from "@lingui/react/macro";
import { Group } from "@mantine/core";
import { Link } from "@tanstack/react-router";
import { useChanges } from "../queries";
import { Notice } from "./Notice";

/** Says that changes wait or were refused, where there are some, and leads to them. */
export function OpenChanges() {
  const counts = useChanges("waiting").data?.pages.at(-1)?.counts;
  if (!counts || counts.waiting + counts.refused === 0) {
    return null;
  }
  const { waiting, refused } = counts;
  return (
    <Notice kind={refused > 0 ? "attention" : "info"} data-testid="open-changes">
      <Group gap="md">
        {waiting > 0 && <Plural value={waiting} one="# change waits." other="# changes wait." />}
        {refused > 0 && (
          <Plural value={refused} one="# change was refused." other="# changes were refused." />
        )}
        <Link to="/changes">
          <Trans>Look at them</Trans>
        </Link>
      </Group>
    </Notice>
  );
}

import { Plural, Trans, useLingui } from "@lingui/react/macro";
import { ActionIcon, Badge, Text, VisuallyHidden } from "@mantine/core";
import { IconTrash } from "@tabler/icons-react";
import { Notice } from "../../components/Notice";
import { type Column, Rows } from "../../components/Rows";
import { useLanguage } from "../../i18n";
import { SENSE } from "../../theme";
import type { Line } from "./lines";

/** The copies of an order that is being made; those that stay come first, each with its reason. */
export function ComposeLines(props: { lines: readonly Line[]; onRemove: (copy: string) => void }) {
  const { t } = useLingui();
  const { say } = useLanguage();
  const staying = props.lines.filter((line) => line.why !== null);
  const going = props.lines.filter((line) => line.why === null);
  const columns: Column<Line>[] = [
    { key: "copy", head: <Trans>Barcode</Trans>, width: "160px", cell: ({ copy }) => copy },
    {
      key: "title",
      head: <Trans>Title</Trans>,
      width: "minmax(200px, 1.2fr)",
      cell: (line) => <Text truncate>{line.title_name}</Text>,
    },
    {
      key: "shelf",
      head: <Trans>Shelf mark</Trans>,
      width: "130px",
      cell: (line) => line.shelf_mark,
    },
    {
      key: "verdict",
      head: <Trans>Can it be moved?</Trans>,
      width: "minmax(260px, 1.4fr)",
      cell: (line) =>
        line.why ? (
          <Text size="sm" lineClamp={2} c={SENSE.bad} data-testid="compose-left-out">
            {say(line.why)}
          </Text>
        ) : (
          <Badge color={SENSE.good} variant="light" size="lg" tt="none" data-testid="compose-going">
            <Trans>yes</Trans>
          </Badge>
        ),
    },
    {
      key: "remove",
      head: (
        <VisuallyHidden>
          <Trans>Take off the list</Trans>
        </VisuallyHidden>
      ),
      width: "56px",
      right: true,
      cell: ({ copy }) => (
        <ActionIcon
          variant="default"
          onClick={() => props.onRemove(copy)}
          aria-label={t`Take ${copy} off the list`}
        >
          <IconTrash size={18} aria-hidden />
        </ActionIcon>
      ),
    },
  ];
  return (
    <>
      {staying.length > 0 && (
        <Notice kind="attention" data-testid="compose-staying">
          <Plural
            value={staying.length}
            one="# copy cannot be moved and stays."
            other="# copies cannot be moved and stay."
          />
        </Notice>
      )}
      <Rows
        label={t`Copies to move`}
        rows={[...staying, ...going]}
        columns={columns}
        rowKey={({ copy }) => copy}
        data-testid="compose-lines"
      />
    </>
  );
}

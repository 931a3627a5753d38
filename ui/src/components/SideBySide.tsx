import { Trans } from "@lingui/react/macro";
import { Table, VisuallyHidden } from "@mantine/core";
import { IconEqualNot } from "@tabler/icons-react";
import type { ReactNode } from "react";
import classes from "./SideBySide.module.css";

/** One row as several hold it: what was seen and what stands, or one site and another. */
export interface Version<Row> {
  readonly key: string;
  readonly head: ReactNode;
  /** Nothing where there is no such row. */
  readonly row: Row | null;
}

/** A field of a row, and how it reads. */
export interface Field<Row> {
  readonly key: string;
  readonly name: ReactNode;
  readonly text: (row: Row) => string;
}

/** Versions of a row beside each other; the fields in which they differ are marked. */
export function SideBySide<Row>(props: {
  label: string;
  versions: readonly Version<Row>[];
  fields: readonly Field<Row>[];
  "data-testid"?: string;
}) {
  const { versions, fields } = props;
  return (
    <Table.ScrollContainer minWidth={versions.length * 200 + 140}>
      <Table
        withTableBorder
        withColumnBorders
        verticalSpacing={5}
        aria-label={props.label}
        data-testid={props["data-testid"]}
      >
        <Table.Thead>
          <Table.Tr>
            <Table.Td />
            {versions.map((version) => (
              <Table.Th key={version.key}>{version.head}</Table.Th>
            ))}
          </Table.Tr>
        </Table.Thead>
        <Table.Tbody>
          {fields.map((field) => {
            const texts = versions.map(({ row }) => (row === null ? null : field.text(row)));
            const differs = new Set(texts).size > 1;
            return (
              <Table.Tr key={field.key} className={differs ? (classes.differs ?? "") : ""}>
                <Table.Th scope="row">
                  {field.name}
                  {differs && (
                    <>
                      <IconEqualNot size={16} aria-hidden className={classes.mark ?? ""} />
                      <VisuallyHidden>
                        <Trans>differs</Trans>
                      </VisuallyHidden>
                    </>
                  )}
                </Table.Th>
                {texts.map((text, nth) => (
                  <Table.Td key={versions[nth]?.key}>
                    {text === null ? <Trans>not there</Trans> : text || "–"}
                  </Table.Td>
                ))}
              </Table.Tr>
            );
          })}
        </Table.Tbody>
      </Table>
    </Table.ScrollContainer>
  );
}

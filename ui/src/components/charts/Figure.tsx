import { Table, Title } from "@mantine/core";
import type { ReactNode } from "react";
import { formatNumber } from "../../format";
import { useLanguage } from "../../i18n";
import { Card } from "../Card";
import { BarChart } from "./BarChart";
import classes from "./Charts.module.css";
import type { ChartData } from "./data";
import { RowChart } from "./RowChart";

/** A chart with its name and, beside it, the table of what it shows. */
export function Figure(props: {
  title: string;
  data: ChartData;
  /** Bars that stand for a time, or lie where names are long. */
  lies?: boolean;
  /** Which sites are missing, what it counts. */
  note?: ReactNode;
  "data-testid"?: string;
}) {
  const { title, data } = props;
  const Chart = props.lies ? RowChart : BarChart;
  return (
    <Card data-testid={props["data-testid"]}>
      <figure className={classes.figure}>
        <figcaption>
          <Title order={2} size={18}>
            {title}
          </Title>
          {props.note}
          {data.series.length > 1 && (
            <ul className={classes.legend} aria-hidden>
              {data.series.map((series, nth) => (
                <li key={series.key}>
                  <svg width={14} height={14} aria-hidden>
                    <rect width={14} height={14} data-series={nth} />
                  </svg>
                  {series.name}
                </li>
              ))}
            </ul>
          )}
        </figcaption>
        <Chart data={data} label={title} />
        <FigureTable title={title} data={data} />
      </figure>
    </Card>
  );
}

function FigureTable({ title, data }: { title: string; data: ChartData }) {
  const { language } = useLanguage();
  return (
    <section
      className={classes.table}
      aria-label={title}
      // biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reachable by keyboard.
      tabIndex={0}
    >
      <Table stickyHeader verticalSpacing={4}>
        <Table.Thead>
          <Table.Tr>
            <Table.Th>{data.of}</Table.Th>
            {data.series.map((series) => (
              <Table.Th key={series.key} ta="right">
                {series.name}
              </Table.Th>
            ))}
          </Table.Tr>
        </Table.Thead>
        <Table.Tbody>
          {data.groups.map((group) => (
            <Table.Tr key={group.key}>
              <Table.Th scope="row" fw={400}>
                {group.name}
              </Table.Th>
              {group.values.map((value, nth) => (
                // biome-ignore lint/suspicious/noArrayIndexKey: a series is its place.
                <Table.Td key={nth} ta="right">
                  {formatNumber(value, language)}
                </Table.Td>
              ))}
            </Table.Tr>
          ))}
        </Table.Tbody>
      </Table>
    </section>
  );
}

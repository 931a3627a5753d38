import { useElementSize } from "@mantine/hooks";
import { formatNumber } from "../../format";
import { useLanguage } from "../../i18n";
import classes from "./Charts.module.css";
import type { ChartData } from "./data";
import { linear } from "./scales";

const NAME_PX = 20;
const BAR_PX = 12;
const GAP_PX = 8;
/** Before the place is measured, and where nothing has a size. */
const WIDTH_PX = 560;
/** For the number behind a bar. */
const NUMBER_PX = 64;

/** Bars that lie, each below its name. As {@link BarChart}, a picture beside its table. */
export function RowChart({ data, label }: { data: ChartData; label: string }) {
  const { language } = useLanguage();
  const { ref, width: measured } = useElementSize();
  const width = measured || WIDTH_PX;
  const most = Math.max(1, ...data.groups.flatMap((group) => group.values));
  const x = linear(most, 0, width - NUMBER_PX);
  const row_px = NAME_PX + BAR_PX * data.series.length + GAP_PX;
  return (
    <div ref={ref} className={classes.chart}>
      <svg width={width} height={row_px * data.groups.length} role="img" aria-label={label}>
        {data.groups.map((group, index) => (
          <g key={group.key} transform={`translate(0,${index * row_px})`}>
            <text y={NAME_PX - 6}>{group.short ?? group.name}</text>
            {group.values.map((value, nth) => (
              // biome-ignore lint/suspicious/noArrayIndexKey: a series is its place.
              <g key={nth} transform={`translate(0,${NAME_PX + nth * BAR_PX})`}>
                <rect data-series={nth} width={x(value)} height={BAR_PX - 2} />
                <text x={x(value) + 6} y={BAR_PX - 3} className={classes.number}>
                  {formatNumber(value, language)}
                </text>
              </g>
            ))}
          </g>
        ))}
      </svg>
    </div>
  );
}

import { useElementSize } from "@mantine/hooks";
import { nice, ticks } from "d3-array";
import { formatNumber } from "../../format";
import { useLanguage } from "../../i18n";
import classes from "./Charts.module.css";
import type { ChartData } from "./data";
import { bands, linear } from "./scales";

const HEIGHT_PX = 210;
/** Before the place is measured, and where nothing has a size. */
const WIDTH_PX = 560;
const MARGIN = { top: 8, right: 8, bottom: 24, left: 48 } as const;
const TICKS = 4;
/** Of the place for a group, what lies between it and the next. */
const GAP_OF_STEP = 0.25;
/** What a label below a bar takes, with some air. */
const LABEL_PX = 58;

/** Bars over groups of a time. A picture beside the table that says the same: to a screen reader it is its name. */
export function BarChart({ data, label }: { data: ChartData; label: string }) {
  const { language } = useLanguage();
  const { ref, width: measured } = useElementSize();
  const width = measured || WIDTH_PX;
  const most = Math.max(1, ...data.groups.flatMap((group) => group.values));
  const [, top] = nice(0, most, TICKS);
  const x = bands(data.groups.length, MARGIN.left, width - MARGIN.right, GAP_OF_STEP);
  const within = bands(data.series.length, 0, x.width);
  const y = linear(top, HEIGHT_PX - MARGIN.bottom, MARGIN.top);
  const bottom = y(0);
  const every = Math.ceil((data.groups.length * LABEL_PX) / (width - MARGIN.left));
  return (
    <div ref={ref} className={classes.chart}>
      <svg width={width} height={HEIGHT_PX} role="img" aria-label={label}>
        {/* Half a book is none. */}
        {ticks(0, top, TICKS)
          .filter(Number.isInteger)
          .map((tick) => (
            <g key={tick} className={classes.tick}>
              <line x1={MARGIN.left} x2={width - MARGIN.right} y1={y(tick)} y2={y(tick)} />
              <text x={MARGIN.left - 6} y={y(tick)} dy="0.32em" textAnchor="end">
                {formatNumber(tick, language)}
              </text>
            </g>
          ))}
        {data.groups.map((group, index) => (
          <g key={group.key} transform={`translate(${x.at(index)},0)`}>
            {group.values.map((value, nth) => (
              <rect
                // biome-ignore lint/suspicious/noArrayIndexKey: a series is its place.
                key={nth}
                data-series={nth}
                x={within.at(nth)}
                width={within.width}
                y={y(value)}
                height={bottom - y(value)}
              />
            ))}
            {index % every === 0 && (
              <text x={x.width / 2} y={HEIGHT_PX - 6} textAnchor="middle">
                {group.short ?? group.name}
              </text>
            )}
          </g>
        ))}
        <line className={classes.ground} x1={MARGIN.left} x2={width} y1={bottom} y2={bottom} />
      </svg>
    </div>
  );
}

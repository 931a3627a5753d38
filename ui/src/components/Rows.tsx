import { useVirtualizer } from "@tanstack/react-virtual";
import { type ReactNode, useEffect, useRef } from "react";
import { Card } from "./Card";
import classes from "./Rows.module.css";

/** Rows drawn beyond what is seen, so that scrolling shows no gaps. */
const OVERSCAN_ROWS = 8;

/** A column: its heading and what it shows of a row. */
export interface Column<Row> {
  readonly key: string;
  readonly head: ReactNode;
  /** A CSS grid track, such as `140px` or `1fr`. */
  readonly width: string;
  readonly cell: (row: Row) => ReactNode;
  readonly right?: boolean;
}

/** A list of any length: only what is seen is drawn, and the next page is asked for near the end. */
export function Rows<Row>(props: {
  rows: readonly Row[];
  columns: readonly Column<Row>[];
  rowKey: (row: Row) => string;
  rowHeight_px?: number;
  label: string;
  /** Called near the end of what is there. */
  onEnd?: () => void;
  onOpen?: (row: Row) => void;
  "data-testid"?: string;
}) {
  const scroller = useRef<HTMLDivElement>(null);
  const { rows, onEnd, onOpen } = props;
  const virtual = useVirtualizer({
    count: rows.length,
    getScrollElement: () => scroller.current,
    estimateSize: () => props.rowHeight_px ?? 52,
    overscan: OVERSCAN_ROWS,
  });
  const seen = virtual.getVirtualItems();
  const last = seen.at(-1)?.index ?? 0;
  useEffect(() => {
    if (rows.length > 0 && last >= rows.length - OVERSCAN_ROWS) {
      onEnd?.();
    }
  }, [last, rows.length, onEnd]);
  const grid = { gridTemplateColumns: props.columns.map((column) => column.width).join(" ") };

  return (
    <Card p={0} className={classes.card}>
      <div
        ref={scroller}
        className={classes.scroller}
        role="table"
        aria-label={props.label}
        aria-rowcount={rows.length + 1}
        data-testid={props["data-testid"]}
        // biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reachable by keyboard.
        tabIndex={0}
      >
        <div role="presentation" className={classes.content}>
          <div role="rowgroup" className={classes.head}>
            <div role="row" aria-rowindex={1} className={classes.row} style={grid}>
              {props.columns.map((column) => (
                <div role="columnheader" key={column.key} data-right={column.right || undefined}>
                  {column.head}
                </div>
              ))}
            </div>
          </div>
          <div role="rowgroup" className={classes.body} style={{ height: virtual.getTotalSize() }}>
            {seen.map(({ index, start, size }) => {
              const row = rows[index];
              return row === undefined ? null : (
                // biome-ignore lint/a11y/useKeyWithClickEvents: each row that opens has a link in it.
                <div
                  role="row"
                  tabIndex={-1}
                  aria-rowindex={index + 2}
                  key={props.rowKey(row)}
                  className={classes.row}
                  data-opens={onOpen ? true : undefined}
                  style={{ ...grid, height: size, transform: `translateY(${start}px)` }}
                  onClick={() => onOpen?.(row)}
                >
                  {props.columns.map((column) => (
                    <div role="cell" key={column.key} data-right={column.right || undefined}>
                      {column.cell(row)}
                    </div>
                  ))}
                </div>
              );
            })}
          </div>
        </div>
      </div>
    </Card>
  );
}

/**
 * From values to places. Of d3 only the choice of round numbers: its scales bring colours with them, which cannot be
 * loaded where the prototypes are frozen, as they are in the window.
 */

/** Places for so many things beside each other; `inner` of each step is left free between them. */
export function bands(count: number, from: number, to: number, inner = 0) {
  const step = (to - from) / Math.max(1, count - inner);
  return { width: step * (1 - inner), at: (index: number) => from + index * step };
}

/** Values from nought to `most` between two places. */
export function linear(most: number, from: number, to: number) {
  return (value: number) => from + (value / most) * (to - from);
}

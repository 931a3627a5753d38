import type { CopyView, PatronView } from "../platform/desk";

/** Of a scan that nobody knows, so many characters are shown. */
export const CODE_CHARS_SHOWN = 40;

/** What a reader is called; their code where the desk does not know them. */
export function patronName(patron: PatronView): string {
  return patron.card?.name ?? patron.code;
}

/** What a book is called; its barcode where the desk does not know it. */
export function copyName(copy: CopyView): string {
  return copy.title?.name ?? copy.barcode;
}

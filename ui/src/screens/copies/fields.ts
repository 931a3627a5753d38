import * as v from "valibot";

/** The length of the column. */
export const SHELF_MARK_CHARS_MAX = 50;

/** Whole đồng, dots and spaces allowed; nothing where no price is known. */
export const optionalPrice = v.pipe(
  v.string(),
  v.transform((text) => text.replace(/[.,\s]/g, "")),
  v.regex(/^\d{0,9}$/),
  v.transform((digits) => (digits === "" ? null : Number(digits))),
);

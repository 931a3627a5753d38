import type { Message, TransferPreview } from "../../platform/desk";

/** A copy that is to be moved, as the sites see it. */
export interface Line {
  readonly copy: string;
  readonly title_name: string;
  readonly shelf_mark: string;
  /** Why it stays; nothing where it can go. */
  readonly why: Message | null;
}

/** The lines with what was found since: what was known of a copy before gives way. */
export function merged(
  before: readonly Line[],
  { going, left_out }: TransferPreview,
): readonly Line[] {
  const lines = new Map(before.map((line) => [line.copy, line]));
  for (const { copy, title_name, shelf_mark } of going) {
    lines.set(copy, { copy, title_name, shelf_mark, why: null });
  }
  for (const { copy, title_name, message } of left_out) {
    lines.set(copy, { copy, title_name: title_name ?? "", shelf_mark: "", why: message });
  }
  return [...lines.values()];
}

import type { MessageDescriptor } from "@lingui/core";
import { msg } from "@lingui/core/macro";

/** The patron categories that have a name; a library may have others, which show their code. */
const NAMES: Readonly<Record<string, MessageDescriptor>> = {
  ADULT: msg`Adult`,
  STUDENT: msg`Student`,
  CHILD: msg`Child`,
  TEACHER: msg`Teacher`,
  SENIOR: msg`Senior`,
  STAFF: msg`Staff`,
  VISITOR: msg`Visitor`,
};

/** The codes to choose from. */
export const CATEGORIES = Object.keys(NAMES);

/** The name of a category, to be translated; nothing when it has none. */
export function categoryName(code: string): MessageDescriptor | null {
  return NAMES[code] ?? null;
}

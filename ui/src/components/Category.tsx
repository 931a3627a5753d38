import { useLingui } from "@lingui/react";
import { categoryName } from "./categories";

/** A patron category by its name, or by its code where it has none. */
export function Category({ code }: { code: string }) {
  const { i18n } = useLingui();
  const name = categoryName(code);
  return <>{name ? i18n._(name) : code}</>;
}

import { Button, type ButtonProps } from "@mantine/core";
import type { ReactNode } from "react";
import { Keys } from "./Keys";

/** A button that says its key. */
export function ActionButton({
  keys,
  children,
  ...props
}: ButtonProps & {
  keys?: string;
  children: ReactNode;
  onClick?: () => void;
  type?: "button" | "submit";
  "data-testid"?: string;
}) {
  return (
    <Button {...props}>
      {children}
      {keys && <Keys>{keys}</Keys>}
    </Button>
  );
}

import { Paper, type PaperProps } from "@mantine/core";
import type { ReactNode } from "react";

/** A white sheet on the grey ground. */
export function Card({ children, ...props }: PaperProps & { children: ReactNode }) {
  return (
    <Paper withBorder p="md" radius="md" {...props}>
      {children}
    </Paper>
  );
}

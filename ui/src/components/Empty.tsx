import { Center, Text } from "@mantine/core";
import type { ReactNode } from "react";

/** What stands where a list is empty: that it is, and what that means. */
export function Empty({ children }: { children: ReactNode }) {
  return (
    <Center py={48}>
      <Text c="dimmed" size="lg" ta="center" maw={560}>
        {children}
      </Text>
    </Center>
  );
}

import { Kbd } from "@mantine/core";

/** The key that does the same as the button it stands on. */
export function Keys({ children }: { children: string }) {
  return (
    <Kbd size="xs" aria-hidden ml={8}>
      {children}
    </Kbd>
  );
}

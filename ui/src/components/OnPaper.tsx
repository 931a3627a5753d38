import type { ReactNode } from "react";
import { createPortal } from "react-dom";

/** What is printed in place of the window while this is on the screen; on the screen it is not seen. */
export function OnPaper({ children }: { children: ReactNode }) {
  return createPortal(
    <div data-on-paper aria-hidden>
      {children}
    </div>,
    document.body,
  );
}

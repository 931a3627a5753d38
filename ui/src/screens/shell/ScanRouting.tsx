import { Trans } from "@lingui/react/macro";
import { useNavigate } from "@tanstack/react-router";
import {
  createContext,
  type ReactNode,
  type RefObject,
  useContext,
  useEffect,
  useRef,
  useState,
} from "react";
import { Notice } from "../../components/Notice";
import { useSessionStore } from "../../session/context";
import { type Place, Wedge } from "../../session/wedge";

/** What a screen does with scans and with keys typed nowhere in particular. */
export interface ScanTarget {
  /** A scan that ended outside the scan box. */
  readonly scan: (text: string) => void;
  /** A letter typed nowhere; without this it is left alone. */
  readonly type?: (text: string) => void;
}

const TargetContext = createContext<RefObject<ScanTarget | null>>({ current: null });

/** While this screen is shown, scans go to `target`; without one they go to the desk. */
export function useScanTarget(target: ScanTarget | null): void {
  const current = useContext(TargetContext);
  useEffect(() => {
    current.current = target;
    return () => {
      if (current.current === target) {
        current.current = null;
      }
    };
  }, [current, target]);
}

/** Fields with this attribute take scans as text: `data-takes-scans`. */
export const TAKES_SCANS = { "data-takes-scans": true } as const;

/** Hears the scanner on every screen. A scan is never lost, and never ends up in a patron's name. */
export function ScanRouting({ children }: { children: ReactNode }) {
  const target = useRef<ScanTarget | null>(null);
  const [held, setHeld] = useState<string | null>(null);
  const store = useSessionStore();
  const navigate = useNavigate();

  useEffect(() => {
    const wedge = new Wedge();
    let before = "";
    const hear = (event: KeyboardEvent) => {
      const place = placeOf(event.target);
      const at_ms = event.timeStamp;
      if (place === "field" && wedge.wouldBegin(at_ms)) {
        before = (event.target as HTMLInputElement).value;
      }
      const verdict = wedge.hear(
        {
          key: event.key,
          code: event.code,
          shift: event.shiftKey,
          command: event.ctrlKey || event.altKey || event.metaKey,
          at_ms,
        },
        place,
      );
      const inDialog = document.querySelector('[role="dialog"]') !== null;
      if (verdict.kind === "type" && target.current?.type && !inDialog) {
        event.preventDefault();
        target.current.type(verdict.text);
      }
      if (verdict.kind === "scan") {
        event.preventDefault();
        event.stopPropagation();
        if (place === "field") {
          putBack(event.target as HTMLInputElement, before);
        }
        if (inDialog) {
          // Leaving would lose what was typed into the form.
          setHeld(verdict.text);
        } else if (target.current) {
          target.current.scan(verdict.text);
        } else {
          void navigate({ to: "/" });
          store.happened({ kind: "scanned", text: verdict.text, at_ms: Date.now() });
        }
      }
    };
    // Before any field or button hears it: a scanner's Enter must not send a form.
    window.addEventListener("keydown", hear, true);
    return () => window.removeEventListener("keydown", hear, true);
  }, [store, navigate]);

  return (
    <TargetContext.Provider value={target}>
      {held !== null && <HeldNotice text={held} onGone={() => setHeld(null)} />}
      {children}
    </TargetContext.Provider>
  );
}

/** How long the notice of a scan that could not be used stays. */
const HELD_MS = 8_000;

function HeldNotice({ text, onGone }: { text: string; onGone: () => void }) {
  const gone = useRef(onGone);
  gone.current = onGone;
  // biome-ignore lint/correctness/useExhaustiveDependencies: each new scan is shown for its full time.
  useEffect(() => {
    const timer = setTimeout(() => gone.current(), HELD_MS);
    return () => clearTimeout(timer);
  }, [text]);
  return (
    <div style={{ position: "fixed", top: 12, left: "25%", right: "25%", zIndex: 1_000 }}>
      <Notice kind="attention" data-testid="held-scan">
        <Trans>
          {text} was scanned while a form is open. Finish or close the form, then scan again.
        </Trans>
      </Notice>
    </div>
  );
}

function placeOf(target: EventTarget | null): Place {
  if (!(target instanceof HTMLInputElement || target instanceof HTMLTextAreaElement)) {
    return "nowhere";
  }
  if (target instanceof HTMLInputElement && ["checkbox", "radio", "button"].includes(target.type)) {
    return "nowhere";
  }
  return target.dataset.takesScans !== undefined ? "takes-scans" : "field";
}

/** Gives a field back what it held, so that React and the form hear of it. */
function putBack(field: HTMLInputElement | HTMLTextAreaElement, text: string): void {
  const prototype =
    field instanceof HTMLInputElement ? HTMLInputElement.prototype : HTMLTextAreaElement.prototype;
  Object.getOwnPropertyDescriptor(prototype, "value")?.set?.call(field, text);
  field.dispatchEvent(new Event("input", { bubbles: true }));
}

import { Trans } from "@lingui/react/macro";
import { VisuallyHidden } from "@mantine/core";
import { useCallback, useEffect, useMemo, useRef, useState } from "react";
import { useSession, useSessionStore } from "../../session/context";
import { entryOf, mayOverride, patronShown } from "../../session/session";
import { useScanTarget } from "../shell/ScanRouting";
import classes from "./Desk.module.css";
import { Entries } from "./Entries";
import { type DeskDeed, deedOfKey } from "./keys";
import { Modes } from "./Modes";
import { OutcomePanel } from "./OutcomePanel";
import { PatronPanel } from "./PatronPanel";
import { ReturnedOnDialog } from "./ReturnedOn";
import { ScanBox } from "./ScanBox";

/** The desk: one box for every scan, what came of it, and whose turn it is. */
export function DeskScreen() {
  const store = useSessionStore();
  const session = useSession();
  const box = useRef<HTMLInputElement>(null);
  const [picksDate, setPicksDate] = useState(false);
  const focusBox = useCallback(() => box.current?.focus(), []);

  useScanTarget(
    useMemo(
      () => ({
        scan: (text) => store.happened({ kind: "scanned", text, at_ms: Date.now() }),
        type: (text) => {
          store.write(store.box() + text);
          focusBox();
        },
      }),
      [store, focusBox],
    ),
  );

  const act = useCallback(
    (deed: DeskDeed) => {
      const now = store.session();
      switch (deed) {
        case "lend":
        case "return":
        case "renew":
          store.happened({ kind: "mode-picked", mode: deed });
          break;
        case "returned-on":
          if (now.mode === "return") {
            setPicksDate(true);
          }
          break;
        case "mute":
          store.tones().mute(!store.tones().muted);
          break;
        case "override": {
          const shown = now.shown === null ? null : entryOf(now, now.shown);
          if (shown && mayOverride(now, shown)) {
            store.happened({ kind: "overridden", entry: shown.id, at_ms: Date.now() });
          }
          break;
        }
        case "undo":
          store.happened(
            now.undoQuestion === null
              ? { kind: "undo-asked", entry: null }
              : { kind: "undo-confirmed", at_ms: Date.now() },
          );
          break;
        case "escape":
          // The nearest thing first: the question, what is typed, the patron.
          if (now.undoQuestion !== null) {
            store.happened({ kind: "undo-dismissed" });
          } else if (store.box() !== "") {
            store.write("");
          } else {
            store.happened({ kind: "patron-cleared" });
          }
          break;
        case "next-patron":
          store.happened({ kind: "patron-cleared" });
          break;
      }
    },
    [store],
  );

  useEffect(() => {
    const hear = (event: KeyboardEvent) => {
      if (document.querySelector('[role="dialog"]')) {
        return;
      }
      const deed = deedOfKey(event);
      if (deed) {
        event.preventDefault();
        act(deed);
      }
    };
    window.addEventListener("keydown", hear);
    return () => window.removeEventListener("keydown", hear);
  }, [act]);

  useEffect(() => {
    // After a click the next scan must find the box, unless the click went into another field.
    const back = () => {
      const active = document.activeElement;
      const inField = active instanceof HTMLInputElement && active.type === "text";
      const selects = (window.getSelection()?.toString() ?? "") !== "";
      if (!inField && !selects && !document.querySelector('[role="dialog"]')) {
        focusBox();
      }
    };
    window.addEventListener("click", back);
    window.addEventListener("focus", back);
    return () => {
      window.removeEventListener("click", back);
      window.removeEventListener("focus", back);
    };
  }, [focusBox]);

  return (
    <section className={classes.desk} data-testid="desk-screen">
      <VisuallyHidden component="h1">
        <Trans>Desk</Trans>
      </VisuallyHidden>
      <div className={classes.work}>
        <Modes session={session} onDeed={act} />
        <ScanBox box={box} session={session} onMute={() => act("mute")} />
        <OutcomePanel session={session} onDeed={act} />
        <Entries session={session} />
      </div>
      <PatronPanel patron={patronShown(session)} onDeed={act} />
      {picksDate && (
        <ReturnedOnDialog
          day={session.returnedOn}
          onPick={(date) => store.happened({ kind: "returned-on-picked", date })}
          onClose={() => {
            setPicksDate(false);
            focusBox();
          }}
        />
      )}
    </section>
  );
}

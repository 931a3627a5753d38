import { Trans, useLingui } from "@lingui/react/macro";
import { VisuallyHidden } from "@mantine/core";
import { IconBarcode, IconVolume, IconVolumeOff } from "@tabler/icons-react";
import { type KeyboardEvent, type RefObject, useEffect, useRef } from "react";
import { useBox, useMuted, useSessionStore } from "../../session/context";
import { type Session, waitingCount } from "../../session/session";
import { TAKES_SCANS } from "../shell/ScanRouting";
import classes from "./Desk.module.css";

/**
 * The box that takes every scan. It is never disabled: what is typed while a scan is being answered
 * waits in line.
 */
export function ScanBox(props: {
  box: RefObject<HTMLInputElement | null>;
  session: Session;
  onMute: () => void;
}) {
  const muted = useMuted();
  const { t } = useLingui();
  const store = useSessionStore();
  const text = useBox();
  const endsAfterComposition = useRef(false);
  const waiting = waitingCount(props.session);

  useEffect(() => props.box.current?.focus(), [props.box]);

  const end = () => {
    if (!store.submit() && store.session().undoQuestion !== null) {
      store.happened({ kind: "undo-confirmed", at_ms: Date.now() });
    }
  };

  const hear = (event: KeyboardEvent) => {
    const ends =
      (event.key === "Enter" && !event.ctrlKey && !event.metaKey && !event.altKey) ||
      // A Tab ends a scan; in the empty box it goes on to the buttons as everywhere.
      (event.key === "Tab" && !event.shiftKey && store.box() !== "");
    if (!ends) {
      return;
    }
    event.preventDefault();
    if (event.nativeEvent.isComposing) {
      // The input method still holds the last letters; they arrive with the end of the composition.
      endsAfterComposition.current = true;
    } else {
      end();
    }
  };

  return (
    <div className={classes.box}>
      <IconBarcode size={40} stroke={1.5} aria-hidden />
      <input
        ref={props.box}
        value={text}
        onChange={(event) => store.write(event.currentTarget.value)}
        onKeyDown={hear}
        onCompositionEnd={(event) => {
          if (endsAfterComposition.current) {
            endsAfterComposition.current = false;
            store.write(event.currentTarget.value);
            end();
          }
        }}
        aria-label={t`Scan a card or a book`}
        placeholder={t`Scan a card or a book`}
        autoComplete="off"
        autoCorrect="off"
        autoCapitalize="none"
        spellCheck={false}
        lang="en"
        data-testid="scan-box"
        {...TAKES_SCANS}
      />
      {waiting > 0 && (
        <output className={classes.waiting} data-testid="scans-waiting" data-count={waiting}>
          <Trans>In line: {waiting}</Trans>
        </output>
      )}
      <button
        type="button"
        className={classes.mute}
        aria-keyshortcuts="F8"
        title={muted ? t`Sound: off` : t`Sound: on`}
        onClick={props.onMute}
        data-testid="mute"
      >
        {muted ? <IconVolumeOff size={26} aria-hidden /> : <IconVolume size={26} aria-hidden />}
        <VisuallyHidden>{muted ? t`Sound: off` : t`Sound: on`}</VisuallyHidden>
        <kbd>F8</kbd>
      </button>
    </div>
  );
}

/**
 * Hears a barcode scanner wherever the focus is.
 *
 * A wedge scanner is a keyboard that types a code faster than people do and ends it with Enter or
 * Tab. The scan box takes what is typed into it by itself; this hears everything else: keys typed
 * nowhere in particular go to the scan box where there is one, and a burst that ends elsewhere is
 * treated as the scan that it is, not as text. Pure: time and keys are passed in.
 */

/** Keys of one burst are at most this far apart; nobody types four of them in a row so fast. */
export const BURST_GAP_MS_MAX = 40;
/** Shorter bursts are people. */
export const BURST_KEYS_MIN = 4;
/** Longer than any label; the desk names what is wrong with longer ones. */
export const BURST_KEYS_MAX = 256;

/** A key press, as far as it matters here. */
export interface Key {
  readonly key: string;
  /** The physical key: all that is left of a press that an input method is thinking about. */
  readonly code: string;
  readonly shift: boolean;
  /** Ctrl, Alt or Meta is held: a command, not text. */
  readonly command: boolean;
  readonly at_ms: number;
}

/** Where the focus is. */
export type Place =
  /** In the scan box, or in a field that is meant to be scanned into. */
  | "takes-scans"
  /** In another field. */
  | "field"
  /** Nowhere that takes text. */
  | "nowhere";

/** What to do with a key. */
export type Verdict =
  | { readonly kind: "leave" }
  /** Put this text into the scan box, and swallow the key. */
  | { readonly kind: "type"; readonly text: string }
  /** Swallow the key; this was a scan. Its letters are in the field that has the focus, if any. */
  | { readonly kind: "scan"; readonly text: string };

const LEAVE: Verdict = { kind: "leave" };

/** The letter of a key press, or nothing: keys such as F2 and Shift have none. */
export function letterOf(key: Key): string | null {
  if (key.command) {
    return null;
  }
  if ([...key.key].length === 1) {
    return key.key;
  }
  // An input method at work says "Process" and keeps the letter to itself until it is done.
  if (key.key === "Process" || key.key === "Unidentified" || key.key === "Dead") {
    return letterOfCode(key.code, key.shift);
  }
  return null;
}

function letterOfCode(code: string, shift: boolean): string | null {
  const letter = /^Key([A-Z])$/.exec(code)?.[1];
  if (letter) {
    return shift ? letter : letter.toLowerCase();
  }
  const digit = /^(?:Digit|Numpad)([0-9])$/.exec(code)?.[1];
  if (digit) {
    return digit;
  }
  return code === "Minus" || code === "NumpadSubtract" ? "-" : null;
}

/** Listens to keys, one at a time. */
export class Wedge {
  #text = "";
  #last_ms = Number.NEGATIVE_INFINITY;

  /** What to do with this key. */
  hear(key: Key, place: Place): Verdict {
    const inBurst = key.at_ms - this.#last_ms <= BURST_GAP_MS_MAX;
    const letter = letterOf(key);
    if (letter !== null) {
      this.#text = inBurst ? (this.#text + letter).slice(-BURST_KEYS_MAX) : letter;
      this.#last_ms = key.at_ms;
      // A space on its own presses the button that has the focus.
      const isText = letter !== " " || inBurst;
      return place === "nowhere" && isText ? { kind: "type", text: letter } : LEAVE;
    }
    if (key.key !== "Enter" && key.key !== "Tab") {
      // Shift and its like come inside a burst, and say nothing.
      return LEAVE;
    }
    const burst = this.#text;
    this.#text = "";
    this.#last_ms = Number.NEGATIVE_INFINITY;
    if (place !== "takes-scans" && inBurst && [...burst].length >= BURST_KEYS_MIN) {
      return { kind: "scan", text: burst };
    }
    return LEAVE;
  }

  /** Whether the next letter would begin a new burst: the moment to note what a field holds. */
  wouldBegin(at_ms: number): boolean {
    return at_ms - this.#last_ms > BURST_GAP_MS_MAX;
  }
}

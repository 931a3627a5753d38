/**
 * The sound of an outcome, told apart with closed eyes: rising for what is done, the same beginning
 * with a low end for what is only written down, two equal tones for "look here", a long buzz for no.
 */
import { recall, remember } from "../settings";
import type { OutcomeKind } from "./session";

/** One tone of a sound. */
export interface Tone {
  readonly hertz: number;
  readonly start_ms: number;
  readonly length_ms: number;
  readonly shape: OscillatorType;
}

const RISING: readonly Tone[] = [
  { hertz: 784, start_ms: 0, length_ms: 90, shape: "sine" },
  { hertz: 1175, start_ms: 90, length_ms: 140, shape: "sine" },
];
const WRITTEN_DOWN: readonly Tone[] = [
  { hertz: 784, start_ms: 0, length_ms: 90, shape: "sine" },
  { hertz: 523, start_ms: 90, length_ms: 180, shape: "sine" },
];
const LOOK_HERE: readonly Tone[] = [
  { hertz: 659, start_ms: 0, length_ms: 110, shape: "triangle" },
  { hertz: 659, start_ms: 170, length_ms: 110, shape: "triangle" },
];
const NO: readonly Tone[] = [{ hertz: 165, start_ms: 0, length_ms: 420, shape: "sawtooth" }];
const CARD: readonly Tone[] = [{ hertz: 880, start_ms: 0, length_ms: 100, shape: "sine" }];

/** The sound of each outcome. */
export const SOUNDS: Readonly<Record<Exclude<OutcomeKind, "waiting">, readonly Tone[]>> = {
  patron: CARD,
  done: RISING,
  undone: RISING,
  queued: WRITTEN_DOWN,
  warned: LOOK_HERE,
  question: LOOK_HERE,
  "needs-patron": LOOK_HERE,
  "not-understood": NO,
  refused: NO,
  failed: NO,
  "not-taken": NO,
};

const VOLUME = 0.18;
/** Time to rise and to fade: a tone that begins or ends at once clicks. */
const EDGE_S = 0.012;
const SETTING = "muted";

/** Plays the sounds, unless they are muted. */
export class Tones {
  #context: AudioContext | null = null;
  #muted = recall(SETTING) === "yes";
  readonly #listeners = new Set<() => void>();

  get muted(): boolean {
    return this.#muted;
  }

  mute(muted: boolean): void {
    this.#muted = muted;
    remember(SETTING, muted ? "yes" : "no");
    for (const listener of this.#listeners) {
      listener();
    }
  }

  subscribe = (listener: () => void): (() => void) => {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  };

  play(kind: OutcomeKind): void {
    if (this.#muted || kind === "waiting") {
      return;
    }
    const context = this.#open();
    if (!context) {
      return;
    }
    for (const tone of SOUNDS[kind]) {
      sound(context, tone);
    }
  }

  #open(): AudioContext | null {
    try {
      // Made at the first sound, which follows a key: before one, the window may not play.
      this.#context ??= new AudioContext();
      if (this.#context.state === "suspended") {
        void this.#context.resume();
      }
      return this.#context;
    } catch {
      // A computer without a sound card: the outcome is told by text, colour and icon all the same.
      return null;
    }
  }
}

function sound(context: AudioContext, tone: Tone): void {
  const start = context.currentTime + tone.start_ms / 1_000;
  const end = start + tone.length_ms / 1_000;
  const oscillator = context.createOscillator();
  const gain = context.createGain();
  oscillator.type = tone.shape;
  oscillator.frequency.value = tone.hertz;
  gain.gain.setValueAtTime(0, start);
  gain.gain.linearRampToValueAtTime(VOLUME, start + EDGE_S);
  gain.gain.setValueAtTime(VOLUME, end - EDGE_S);
  gain.gain.linearRampToValueAtTime(0, end);
  oscillator.connect(gain).connect(context.destination);
  oscillator.start(start);
  oscillator.stop(end);
}

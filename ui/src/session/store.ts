/**
 * The session and who carries out what it asks. It lives outside the tree of components: no re-render,
 * no change of screen and no error on a screen loses a scan.
 */
import { type Desk, messageOf, type ScanAnswer } from "../platform/desk";
import { type Asking, after, BEGIN, entryOf, type Happening, type Session } from "./session";
import type { Tones } from "./tones";

export class SessionStore {
  #session: Session = BEGIN;
  /** What the scan box holds; here for the same reason as the session. */
  #box = "";
  readonly #listeners = new Set<() => void>();
  readonly #desk: Desk;
  readonly #tones: Tones;

  constructor(desk: Desk, tones: Tones) {
    this.#desk = desk;
    this.#tones = tones;
  }

  subscribe = (listener: () => void): (() => void) => {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  };

  session = (): Session => this.#session;
  box = (): string => this.#box;
  tones = (): Tones => this.#tones;

  /** Changes the text of the scan box. */
  write(text: string): void {
    this.#box = text;
    this.#tell();
  }

  /** Takes what stands in the scan box as a scan. Says whether there was any. */
  submit(): boolean {
    const text = this.#box;
    if (text.trim() === "") {
      return false;
    }
    this.#box = "";
    this.happened({ kind: "scanned", text, at_ms: Date.now() });
    return true;
  }

  /** Something happened: changes the state, and asks the desk what has to be asked now. */
  happened(what: Happening): void {
    const before = this.#session;
    this.#session = after(before, what);
    if (this.#session.asking && this.#session.asking !== before.asking) {
      void this.#ask(this.#session.asking);
    }
    this.#soundOf(before);
    this.#tell();
  }

  async #ask(asking: Asking): Promise<void> {
    try {
      const answer = await this.#send(asking);
      this.happened({ kind: "answered", entry: asking.entry, answer });
    } catch (thrown) {
      this.happened({ kind: "failed", entry: asking.entry, message: messageOf(thrown) });
    }
  }

  async #send(asking: Asking): Promise<ScanAnswer> {
    if (asking.kind === "undo") {
      return { kind: "answer", answer: await this.#desk.undo(asking.event) };
    }
    const { text, mode, patron, go_on, returned_on } = asking;
    return this.#desk.scan({ text, mode, patron, go_on, returned_on });
  }

  #soundOf(before: Session): void {
    const { shown } = this.#session;
    const entry = shown === null ? null : entryOf(this.#session, shown);
    const was = entry && entryOf(before, entry.id);
    if (entry && entry.outcome !== (was?.outcome ?? "waiting")) {
      this.#tones.play(entry.outcome);
    }
  }

  #tell(): void {
    for (const listener of this.#listeners) {
      listener();
    }
  }
}

/** The keys of the desk. Each is also a button that says its key. */

export type DeskDeed =
  | "lend"
  | "return"
  | "renew"
  | "returned-on"
  | "mute"
  | "override"
  | "undo"
  | "escape"
  /** Has a button; its key is Escape, once nothing nearer is left to leave. */
  | "next-patron";

const PLAIN: Readonly<Record<string, DeskDeed>> = {
  F2: "lend",
  F3: "return",
  F4: "renew",
  F6: "returned-on",
  F8: "mute",
  F9: "override",
  Escape: "escape",
};

type Pressed = Pick<KeyboardEvent, "key" | "ctrlKey" | "metaKey" | "altKey" | "shiftKey">;

/** What a key does at the desk; nothing for all others. */
export function deedOfKey(event: Pressed): DeskDeed | null {
  const command = event.ctrlKey || event.metaKey;
  if (event.altKey || event.shiftKey) {
    return null;
  }
  if (!command) {
    return PLAIN[event.key] ?? null;
  }
  if (event.key === "Enter") {
    return "override";
  }
  return event.key.toLowerCase() === "z" ? "undo" : null;
}

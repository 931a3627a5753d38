/** What the window remembers between two starts: matters of taste, nothing that may not be lost. */

const PREFIX = "lienthu.";

/** What was remembered under this name. */
export function recall(name: string): string | null {
  try {
    return localStorage.getItem(PREFIX + name);
  } catch {
    // Storage can be switched off; then every start begins with the defaults.
    return null;
  }
}

/** Remembers a text under this name, where that is possible. */
export function remember(name: string, text: string): void {
  try {
    localStorage.setItem(PREFIX + name, text);
  } catch {
    // See `recall`.
  }
}

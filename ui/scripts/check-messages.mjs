// Fails when a message in the code is missing from a catalogue, when a catalogue holds one that no
// code uses, when a translation is missing, or when a message cannot be compiled.
import { spawnSync } from "node:child_process";
import { cpSync, mkdirSync, readFileSync, rmSync } from "node:fs";
import { join } from "node:path";

const COMMITTED = "src/locales";
const FRESH = "node_modules/.cache/messages";
const LOCALES = ["vi", "en"];

rmSync(FRESH, { recursive: true, force: true });
mkdirSync(FRESH, { recursive: true });
cpSync(COMMITTED, FRESH, { recursive: true });

lingui("extract", "--clean");
lingui("compile", "--strict");

const stale = LOCALES.filter((locale) => messages(COMMITTED, locale) !== messages(FRESH, locale));
if (stale.length > 0) {
  process.exit(1);
}

function lingui(...args) {
  const cli = join("node_modules", "@lingui", "cli", "dist", "lingui.js");
  const ran = spawnSync(process.execPath, [cli, ...args], {
    env: { ...process.env, LIENTHU_CATALOGUES: FRESH },
    encoding: "utf8",
  });
  if (ran.status !== 0) {
    process.exit(1);
  }
}

/** The entries without the header, which holds a date, and without the notes on where they are used. */
function messages(folder, locale) {
  const text = readFileSync(join(folder, `${locale}.po`), "utf8");
  return text
    .split("\n")
    .filter((line) => !line.startsWith("#") && !line.startsWith('"POT-Creation-Date'))
    .join("\n");
}

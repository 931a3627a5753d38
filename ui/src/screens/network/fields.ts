/** The form of a site: flat, as people fill it in, and from and to an entry of the network file. */
import * as v from "valibot";
import type { SiteEntry, Tls } from "../../platform/desk";

/** Characters of a code, a branch's name and a database's name at most: those of their columns. */
export const CODE_CHARS_MAX = 10;
export const NAME_CHARS_MAX = 255;
export const DATABASE_CHARS_MAX = 128;

const PORT_MAX = 65_535;

/** Whether a text can be the address of a server: `host`, `host,port` or `host\instance`. */
export function isAddress(text: string): boolean {
  const parts = /^[^,\\]*[^,\\\s][^,\\]*(?:,\s*(?<port>\d{1,5})\s*|\\.*[^\s].*)?$/.exec(text);
  const port = parts?.groups?.port;
  return parts !== null && (port === undefined || (Number(port) > 0 && Number(port) <= PORT_MAX));
}

const TLS_KINDS = ["system", "ca", "pinned", "off"] as const;

const isThere = (text: string | undefined) => (text ?? "").trim() !== "";

/** What can be said of an entry without asking the desk; it looks again. */
export const SiteFields = v.pipe(
  v.object({
    code: v.pipe(
      v.string(),
      v.trim(),
      v.nonEmpty(),
      v.maxLength(CODE_CHARS_MAX),
      v.regex(/^[\x20-\x7e]+$/),
    ),
    name: v.pipe(v.string(), v.trim(), v.nonEmpty(), v.maxLength(NAME_CHARS_MAX)),
    kind: v.picklist(["sqlserver", "embedded"]),
    path: v.pipe(v.string(), v.trim()),
    address: v.pipe(v.string(), v.trim()),
    database: v.pipe(v.string(), v.trim(), v.maxLength(DATABASE_CHARS_MAX)),
    tls: v.picklist(TLS_KINDS),
    tls_file: v.pipe(v.string(), v.trim()),
    sign_in: v.picklist(["sql", "windows"]),
  }),
  v.forward(
    v.partialCheck([["kind"], ["path"]], ({ kind, path }) => kind !== "embedded" || isThere(path)),
    ["path"],
  ),
  v.forward(
    v.partialCheck(
      [["kind"], ["address"]],
      ({ kind, address }) => kind !== "sqlserver" || isAddress(address),
    ),
    ["address"],
  ),
  v.forward(
    v.partialCheck(
      [["kind"], ["database"]],
      ({ kind, database }) => kind !== "sqlserver" || isThere(database),
    ),
    ["database"],
  ),
  v.forward(
    v.partialCheck(
      [["kind"], ["tls"], ["tls_file"]],
      ({ kind, tls, tls_file }) =>
        kind !== "sqlserver" || !(tls === "ca" || tls === "pinned") || isThere(tls_file),
    ),
    ["tls_file"],
  ),
);

export type SiteForm = v.InferOutput<typeof SiteFields>;

const NEW: SiteForm = {
  code: "",
  name: "",
  kind: "sqlserver",
  path: "",
  address: "",
  database: "",
  tls: "system",
  tls_file: "",
  sign_in: "sql",
};

/** The fields of an entry, or of a new one. */
export function fieldsOf(entry: SiteEntry | null): SiteForm {
  if (entry === null) {
    return NEW;
  }
  const { code, name } = entry;
  if (entry.kind === "embedded") {
    return { ...NEW, code, name, kind: entry.kind, path: entry.path };
  }
  const { kind, address, database, sign_in } = entry;
  return { ...NEW, code, name, kind, address, database, sign_in, ...fieldsOfTls(entry.tls) };
}

function fieldsOfTls(tls: Tls): Pick<SiteForm, "tls" | "tls_file"> {
  if (typeof tls === "string") {
    return { tls, tls_file: "" };
  }
  return "ca" in tls ? { tls: "ca", tls_file: tls.ca } : { tls: "pinned", tls_file: tls.pinned };
}

/** The entry that the fields say. */
export function entryOf(fields: SiteForm): SiteEntry {
  const { code, name, path, address, database, sign_in } = fields;
  return fields.kind === "embedded"
    ? { code, name, kind: "embedded", path }
    : { code, name, kind: "sqlserver", address, database, tls: tlsOf(fields), sign_in };
}

function tlsOf({ tls, tls_file }: SiteForm): Tls {
  switch (tls) {
    case "ca":
      return { ca: tls_file };
    case "pinned":
      return { pinned: tls_file };
    default:
      return tls;
  }
}

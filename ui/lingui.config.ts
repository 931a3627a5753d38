import { defineConfig } from "@lingui/conf";
import { formatter } from "@lingui/format-po";

// The check writes a second copy of the catalogues beside the committed ones and compares them.
const folder = process.env.LIENTHU_CATALOGUES ?? "src/locales";

export default defineConfig({
  sourceLocale: "en",
  locales: ["vi", "en"],
  catalogs: [{ path: `<rootDir>/${folder}/{locale}`, include: ["src"] }],
  // Line numbers would change with every edit and say nothing to a translator.
  format: formatter({ lineNumbers: false }),
  orderBy: "message",
});

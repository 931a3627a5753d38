import { transformAsync } from "@babel/core";
import { lingui } from "@lingui/vite-plugin";
import react from "@vitejs/plugin-react";
import type { Plugin } from "vite";
import { defineConfig } from "vitest/config";

/**
 * Turns Lingui's macros into calls. Only the files that import a macro go through Babel; all others
 * stay with Vite's own, faster transformer.
 */
function linguiMacro(): Plugin {
  return {
    name: "lingui-macro",
    enforce: "pre",
    async transform(code, id) {
      if (!/\.tsx?$/.test(id) || !/@lingui\/(core|react)\/macro/.test(code)) {
        return null;
      }
      const made = await transformAsync(code, {
        filename: id,
        babelrc: false,
        configFile: false,
        sourceMaps: true,
        parserOpts: { plugins: ["typescript", "jsx"] },
        plugins: ["@lingui/babel-plugin-lingui-macro"],
      });
      return made?.code ? { code: made.code, map: made.map ?? null } : null;
    },
  };
}

export default defineConfig(({ mode }) => {
  const fake = mode === "fake";
  return {
    plugins: [linguiMacro(), react(), lingui()],
    clearScreen: false,
    server: { port: 5173, strictPort: true },
    build: {
      outDir: fake ? "node_modules/.cache/fake" : "dist",
      target: "es2022",
      // Everything is on the same disk: one file each is quicker than many.
      chunkSizeWarningLimit: 2_000,
      rollupOptions: { input: fake ? "fake.html" : "index.html" },
    },
    preview: { port: 4173, strictPort: true },
    test: {
      environment: "jsdom",
      include: ["src/**/*.test.{ts,tsx}"],
      setupFiles: ["src/testing/setup.ts"],
      css: false,
      testTimeout: 60_000,
    },
  };
});

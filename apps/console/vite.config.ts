import { readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { brotliCompressSync, gzipSync, constants as zlib } from "node:zlib";
import react from "@vitejs/plugin-react";
import type { Plugin } from "vite";
import { defineConfig } from "vite";

/** The api behind `vite dev`, which `npm start` runs. */
const API = "http://localhost:3001";
/** For larger files the best compression of brotli takes seconds, and saves only a tenth. */
const LARGE_BYTES = 1_000_000;
const COMPRESSED = /\.(?:js|css|svg|json)$/;

export default defineConfig({
  plugins: [react(), precompressed()],
  build: {
    target: "es2023",
    cssTarget: ["chrome123", "firefox120", "safari17.5"],
    // Inlined files would need an exception in the page's Content-Security-Policy.
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
    manifest: "manifest.json",
    // The pages of the console, and of the API's reference at /docs.
    rolldownOptions: { input: ["index.html", "reference.html"] },
  },
  server: { proxy: { "/api": API, "/health": API, "/recordings": API, "/docs": API } },
});

/** Writes `.br` and `.gz` files next to each file, so that the server compresses nothing. */
function precompressed(): Plugin {
  return {
    name: "precompressed",
    apply: "build",
    writeBundle({ dir = "" }) {
      for (const name of readdirSync(dir, { recursive: true, encoding: "utf8" })) {
        if (!COMPRESSED.test(name)) continue;
        const path = join(dir, name);
        const bytes = readFileSync(path);
        const quality = bytes.length > LARGE_BYTES ? 9 : zlib.BROTLI_MAX_QUALITY;
        const params = { [zlib.BROTLI_PARAM_QUALITY]: quality };
        writeFileSync(`${path}.br`, brotliCompressSync(bytes, { params }));
        writeFileSync(`${path}.gz`, gzipSync(bytes, { level: 9 }));
      }
    },
  };
}

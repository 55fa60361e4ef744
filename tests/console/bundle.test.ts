import { readFileSync } from "node:fs";
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import { beforeAll, describe, expect, inject, test } from "vitest";

/*
 * Tests the files that a browser loads before it can use the first page. They are listed in the manifest of `vite
 * build`.
 */

const CONSOLE = "index.html";
const MAX_INITIAL_KB = 200;
const LAZY = ["src/pages/call/player.tsx", "src/pages/overview/overview.page.tsx"];

type Chunk = { readonly file: string; readonly isEntry?: boolean; readonly imports?: readonly string[] };

let folder: string;
let manifest: Readonly<Record<string, Chunk>>;

beforeAll(() => {
  folder = inject("programs").console;
  manifest = JSON.parse(readFileSync(join(folder, "manifest.json"), "utf8"));
});

/** Returns the chunk and everything that it imports statically. */
function closure(name: string, found = new Set<string>()): Set<string> {
  if (found.has(name)) return found;
  found.add(name);
  for (const imported of manifest[name]?.imports ?? []) closure(imported, found);
  return found;
}

describe("the console's bundle", () => {
  test(`begins with at most ${MAX_INITIAL_KB} kB of JavaScript, compressed by gzip`, () => {
    const files = [...closure(CONSOLE)]
      .map((name) => manifest[name]?.file ?? "")
      .filter((file) => file.endsWith(".js"));
    expect(files.length).toBeGreaterThan(0);
    const bytes = files.reduce((sum, file) => sum + gzipSync(readFileSync(join(folder, file))).length, 0);
    expect(bytes / 1_000).toBeLessThan(MAX_INITIAL_KB);
  });

  test("loads the waveform and the charts when they are needed", () => {
    const initial = [...closure(CONSOLE)].map((name) =>
      readFileSync(join(folder, manifest[name]?.file ?? ""), "utf8"),
    );
    for (const library of ["splitChannels", "createApiReference"])
      expect(initial.some((text) => text.includes(library))).toBe(false);
    expect([...closure(CONSOLE)].some((name) => LAZY.includes(name))).toBe(false);
  });

  test.each([CONSOLE, "reference.html"])(
    "%s names no other host, and has no inline style or script",
    (name) => {
      const page = readFileSync(join(folder, name), "utf8");
      expect(page).not.toMatch(/https?:\/\/|<style|style=|<script(?![^>]*\bsrc=)/);
    },
  );
});

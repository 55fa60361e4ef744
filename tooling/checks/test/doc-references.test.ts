import { existsSync } from "node:fs";
import { basename, dirname, join } from "node:path";
import { describe, expect, test } from "vitest";
import { projectFiles, ROOT, read } from "./tracked-files.ts";

/* A document that names a missing file is out of date. */

const documents = projectFiles(/\.md$/);
const ROOMS = /^(apps|packages|tests|tooling|docs|monitoring|\.ci|\.github)\//;

/** Returns the paths in backticks that begin with a top folder, and the targets of relative links. */
function referencesIn(text: string): { path: string; fromRoot: boolean }[] {
  const inCode = [...text.matchAll(/`([\w./-]+)`/g)].map(([, path = ""]) => ({ path, fromRoot: true }));
  const links = [...text.matchAll(/\]\((?!https?:|#|mailto:)([^)#\s]+)/g)].map(([, path = ""]) => ({
    path,
    fromRoot: false,
  }));
  return [...inCode.filter(({ path }) => ROOMS.test(path)), ...links];
}

test("there are documents, and they name files", () => {
  expect(documents).toEqual(expect.arrayContaining(["ARCHITECTURE.md", "README.md", "docs/invariants.md"]));
  expect(documents.flatMap((path) => referencesIn(read(path))).length).toBeGreaterThan(40);
});

describe("every path that a document names exists", () => {
  test.each(documents)("%s", (document) => {
    const missing = referencesIn(read(document)).filter(
      ({ path, fromRoot }) => !existsSync(fromRoot ? join(ROOT, path) : join(ROOT, dirname(document), path)),
    );
    expect(missing).toEqual([]);
  });
});

test("the index of decisions has each with its title", () => {
  const entries = projectFiles(/^docs\/adr\/\d+-.*\.md$/).map((path) => {
    const [, number, title] = /^# (\d+)\. (.*)$/m.exec(read(path)) ?? [];
    return `${number}. [${title}](${basename(path)})`;
  });
  expect(read("docs/adr/README.md").match(/^\d+\. .*$/gm)).toEqual(entries);
});

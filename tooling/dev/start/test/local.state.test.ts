import { mkdtempSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, test } from "vitest";
import { loadState, saveState } from "../local.state.ts";

const newFile = () => join(mkdtempSync(join(tmpdir(), "local-state-")), "deep/local.json");

test("later starts have the secrets of the first start", () => {
  const file = newFile();
  const first = loadState(file);
  expect(first.webhookSecret).toMatch(/^[\w-]{32}$/);
  expect(new Set(Object.values(first)).size).toBe(4);
  expect(Buffer.from(first.encryptionKey, "base64")).toHaveLength(32);
  expect(loadState(file)).toEqual(first);
});

test("only the owner reads the file", () => {
  const file = newFile();
  saveState(file, { ...loadState(file), databaseUrl: "postgres://x" });
  expect(statSync(file).mode & 0o777).toBe(0o600);
  expect(loadState(file).databaseUrl).toBe("postgres://x");
});

test("missing secrets are created, existing ones stay", () => {
  const file = newFile();
  const { webhookSecret } = loadState(file);
  writeFileSync(file, JSON.stringify({ webhookSecret }));
  const completed = loadState(file);
  expect(completed).toMatchObject({ webhookSecret, ownerPassword: expect.stringMatching(/^[\w-]{32}$/) });
  expect(loadState(file)).toEqual(completed);
});

test("a broken file is an error, not a new set of passwords", () => {
  const file = newFile();
  loadState(file);
  writeFileSync(file, "{");
  expect(() => loadState(file)).toThrow("cannot be read");
});

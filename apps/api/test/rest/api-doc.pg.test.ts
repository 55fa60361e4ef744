import { execFile } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import type { TestStorage } from "@call-ledger/storage/testing";
import { localTestStorage } from "@call-ledger/storage/testing";
import { afterAll, beforeAll, expect, test } from "vitest";
import { ENCRYPTION_KEY, makeKey } from "../harness/access.ts";
import type { TestLedger } from "../harness/ledger.ts";
import { testLedger } from "../harness/ledger.ts";
import { recordCall, storageEnv } from "../harness/recorded-call.ts";
import type { RunningApi } from "../harness/running-api.ts";
import { startApi, untilReady } from "../harness/running-api.ts";

/* Every example of docs/api.md, pasted into a shell as a reader would. */

const DOC = readFileSync(new URL("../../../../docs/api.md", import.meta.url), "utf8");
const EXAMPLES = Array.from(DOC.matchAll(/^## (.+)$|^```sh\n([\s\S]*?)^```$/gm)).reduce<[string, string][]>(
  (found, [, heading, command]) => {
    if (heading !== undefined) found.push([heading, ""]);
    const last = found.at(-1);
    if (command !== undefined && last !== undefined) last[1] += command;
    return found;
  },
  [],
);

let ledger: TestLedger;
let storage: TestStorage;
let api: RunningApi;
let env: Record<string, string>;
const folder = mkdtempSync(join(tmpdir(), "api-doc-"));

beforeAll(async () => {
  ledger = await testLedger();
  await ledger.addAgent();
  storage = await localTestStorage();
  api = await startApi(ledger.database.appUrl, { ...storageEnv(storage), ENCRYPTION_KEY });
  await untilReady(api);
  const call = await recordCall(api, ledger, storage, { seed: 1 });
  const { key } = await makeKey(ledger, {
    scopes: ["calls:read", "calls:details", "recordings:read", "costs:read", "calls:write", "alerts:write"],
  });
  env = { LEDGER: api.url, KEY: key, CALL: call.callId };
});

afterAll(async () => {
  await api.stop();
  await storage.stop();
  await ledger.drop();
  rmSync(folder, { recursive: true });
});

test("the page has more than ten examples", () => {
  expect(EXAMPLES.filter(([, command]) => command !== "").length).toBeGreaterThan(10);
});

test.each(EXAMPLES)("%s", async (_heading, command) => {
  const { stdout } = await promisify(execFile)("bash", ["-ec", command], {
    cwd: folder,
    env: { ...env, PATH: process.env.PATH ?? "", no_proxy: "*" },
  });
  if (stdout !== "" && !command.includes("/stream")) expect(JSON.parse(stdout)).toBeTypeOf("object");
});

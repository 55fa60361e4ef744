import { execFile } from "node:child_process";
import { copyFileSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { SCOPES } from "@call-ledger/domain";
import { simulateCall } from "@call-ledger/simulator";
import type { TestStorage } from "@call-ledger/storage/testing";
import { localTestStorage } from "@call-ledger/storage/testing";
import { afterAll, beforeAll, expect, test } from "vitest";
import { ENCRYPTION_KEY, makeKey } from "../harness/access.ts";
import { ASSISTANT, deliver } from "../harness/deliveries.ts";
import type { TestLedger } from "../harness/ledger.ts";
import { testLedger } from "../harness/ledger.ts";
import { recordCall, storageEnv } from "../harness/recorded-call.ts";
import type { RunningApi } from "../harness/running-api.ts";
import { startApi, untilReady } from "../harness/running-api.ts";

/* Every example of docs/api.md, pasted into a shell as a reader would. */

const API = new URL("../../", import.meta.url);
const ROOT = new URL("../../", API);
const DOCS = new URL("docs/", ROOT);
const DOC = readFileSync(new URL("api.md", DOCS), "utf8");
const EXAMPLES = Array.from(DOC.matchAll(/^## (.+)$|^```sh\n([\s\S]*?)^```$/gm)).reduce<[string, string][]>(
  (found, [, heading, command]) => {
    if (heading !== undefined) found.push([heading, ""]);
    const last = found.at(-1);
    if (command !== undefined && last !== undefined) last[1] += command;
    return found;
  },
  [],
);

/** The lines of the page that set the days of the examples. */
const DAYS = /^```sh setup\n([\s\S]*?)^```$/m
  .exec(DOC)?.[1]
  ?.split("\n")
  .filter((line) => line.includes("date"));

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
  // The scopes of the key that the page makes are enough for all of its examples.
  const named = /--scopes (\S+)/.exec(DOC)?.[1]?.split(",") ?? [];
  const { key } = await makeKey(ledger, { scopes: SCOPES.filter((scope) => named.includes(scope)) });
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

/** The output of a command that runs in the folder of the test. */
async function run(command: string): Promise<string> {
  const programs = [API, ROOT].map((place) => fileURLToPath(new URL("node_modules/.bin", place)));
  const path = [...programs, process.env.PATH].join(":");
  const options = { cwd: folder, env: { ...env, PATH: path, no_proxy: "*" } };
  // Started with a socket as its input, as here, bash takes itself for a remote login and reads ~/.bashrc.
  return (await promisify(execFile)("bash", ["--norc", "-ec", command], options)).stdout;
}

test.each(EXAMPLES)("the example runs, and prints JSON if it prints: %s", async (_heading, command) => {
  const stdout = await run([...(DAYS ?? []), command].join("\n"));
  if (stdout !== "" && !command.includes("/stream")) expect(JSON.parse(stdout)).toBeTypeOf("object");
});

test("the example in TypeScript compiles with the types of the service, and prints yesterday's missed calls", async () => {
  const [yesterday = "", before = ""] = await Promise.all([1, 2].map(missedCall));
  const [, commands = ""] = /^```sh typescript\n([\s\S]*?)^```$/m.exec(DOC) ?? [];
  const [types, program] = commands.split("\n").filter((line) => /^n(px|ode)/.test(line));
  copyFileSync(new URL("examples/missed-calls.ts", DOCS), join(folder, "missed-calls.ts"));
  writeFileSync(join(folder, "package.json"), '{"type":"module"}');
  symlinkSync(new URL("node_modules", API), join(folder, "node_modules"));
  await run(types?.replace("npx openapi-typescript@7", "openapi-typescript") ?? "");
  const options = "--strict --skipLibCheck --noEmit --target es2024 --module nodenext --types node";
  await run(`tsc ${options} --allowImportingTsExtensions missed-calls.ts`);
  const printed = await run(program ?? "");
  expect(printed).toMatch(new RegExp(`^first seen 12:00:00 no_answer \\+\\d+ ${yesterday}\n$`));
  expect(printed).not.toContain(before);
});

/** Adds a missed call at noon of a day so many days ago. Returns its id. */
async function missedCall(daysAgo: number): Promise<string> {
  const call = simulateCall({
    seed: daysAgo,
    assistantId: ASSISTANT,
    startedAt: Date.now(),
    outcome: "no_answer",
  });
  for (const { body } of call.deliveries) await deliver(api.url, Buffer.from(body));
  const [row] = await ledger.sql`update calls
    set created_at = date_trunc('day', now(), 'UTC') + interval '12 hours' - ${daysAgo} * interval '1 day'
    where provider_call_id = ${call.callId} returning id`;
  return String(row?.id);
}

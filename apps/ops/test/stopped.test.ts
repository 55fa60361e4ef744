import { execFileSync } from "node:child_process";
import { randomBytes } from "node:crypto";
import { once } from "node:events";
import { createServer } from "node:net";
import { expect, test } from "vitest";
import { run } from "../src/cli/run.ts";
import { COMMANDS } from "../src/start/registry.ts";

const ID = "5b1f0c1e-2a77-4d55-8c3b-6f0e2d9a7711";
const COMMIT = "a".repeat(40);
const HEAD = execFileSync("git", ["rev-parse", "HEAD"], { encoding: "utf8" }).trim();
const URL_OF_SERVER = "URL";

const NOTHING = /^Nothing was (changed|applied)\./;
const AGAIN = /^What was done stays done\. Next: the same command again/;
const shownBy = (command: string) => new RegExp(`^${command} shows whether it was done\\.$`);

/** How each command is called, and what it says if it is stopped. `null`: it waits for nothing. */
const STOPPED: Readonly<Record<string, readonly [args: string, says: RegExp] | null>> = {
  migrate: ["", NOTHING],
  adopt: ["", NOTHING],
  "db url": null,
  "db login": ["", /^The login may have a new password\. Next: db login again\.$/],
  backup: ["", /^This run made no backup, and nothing was changed\./],
  restore: ["--rehearse", NOTHING],
  "deploy release": [`${URL_OF_SERVER} --commit ${COMMIT}`, NOTHING],
  "deploy rollback": [`${URL_OF_SERVER} --commit ${HEAD}`, /^It is not known whether \w{40} was ordered\./],
  deploy: [`${URL_OF_SERVER} --yes`, NOTHING],
  "rollback code": ["", NOTHING],
  "rollback constraint": ["calls_cost_not_negative", shownBy("verify")],
  "rollback full": ["", NOTHING],
  rollback: ["", NOTHING],
  preflight: ["--pipeline", NOTHING],
  verify: ["", NOTHING],
  smoke: [URL_OF_SERVER, /^The organization `call-ledger smoke` may be left\./],
  watch: [`${URL_OF_SERVER} --without-database`, NOTHING],
  doctor: [URL_OF_SERVER, NOTHING],
  "org create": ["--name Acme", shownBy("org list")],
  "org list": ["", NOTHING],
  "account add": [`--org ${ID}`, shownBy("account list")],
  "account list": ["", NOTHING],
  "account set": [`${ID} --recording-host audio.test`, shownBy("account list")],
  "account rotate": [ID, shownBy("account list")],
  "agent add": [`--org ${ID} --assistant a`, shownBy("agent list")],
  "agent list": ["", NOTHING],
  "agent remove": [ID, shownBy("agent list")],
  "agent move": [`${ID} --org ${ID}`, shownBy("agent list")],
  "member invite": [`--org ${ID} --email a@b.test`, shownBy("member list")],
  "member list": ["", NOTHING],
  "member remove": [ID, shownBy("member list")],
  "key create": [`--org ${ID}`, shownBy("key list")],
  "key list": ["", NOTHING],
  "key revoke": [ID, shownBy("key list")],
  "calls attention": ["", NOTHING],
  "calls completeness": ["", NOTHING],
  reconcile: ["--from 2026-01-01", AGAIN],
  "quarantine list": ["", NOTHING],
  "quarantine show": [ID, NOTHING],
  "quarantine drop": [ID, shownBy("quarantine list")],
  "quarantine replay": ["--all", AGAIN],
  "events replay": ["--from 2026-01-01", AGAIN],
  "recordings list": ["", NOTHING],
  "recordings retry": ["--all", AGAIN],
  "recordings verify": ["--all", NOTHING],
  "housekeeping list": ["", NOTHING],
  "housekeeping run": ["--all", AGAIN],
  "alerts list": ["", NOTHING],
  "alerts ack": [ID, shownBy("alerts list")],
  "alerts mute": [`${ID} --for 1h`, shownBy("alerts list")],
  "alerts channels": ["", NOTHING],
  "alerts add": ["--kind slack --url https://hooks.slack.test/x", shownBy("alerts channels")],
  "alerts remove": [ID, shownBy("alerts channels")],
  "alerts test": ["", shownBy("alerts channels")],
  config: null,
  simulate: [`--url ${URL_OF_SERVER} --assistant a`, /^The server keeps what it was sent\./],
};

test("every command is in the table", () => {
  expect(Object.keys(STOPPED).sort()).toEqual(COMMANDS.map(({ name }) => name).sort());
});

/** Runs a command against a database and a server that accept a connection and never answer, and stops it then. */
async function stopped(name: string, args: string): Promise<{ code: number; err: string }> {
  const silent = createServer((socket) => void socket.on("error", () => undefined).resume());
  silent.listen(0, "127.0.0.1");
  await once(silent, "listening");
  const address = silent.address();
  const host = `127.0.0.1:${typeof address === "object" ? address?.port : 0}`;
  const cutOff = new AbortController();
  silent.once("connection", () => cutOff.abort(new DOMException("SIGHUP", "AbortError")));
  let err = "";
  const line = args.replace(URL_OF_SERVER, `http://${host}`).split(" ").filter(Boolean);
  const code = await run([...name.split(" "), ...line], COMMANDS, {
    env: {
      DATABASE_URL: `postgres://user:password@${host}/ledger`,
      RENDER_DEPLOY_HOOK_URL: `http://${host}/deploy/srv-1`,
      VAPI_WEBHOOK_SECRET: "test-secret-0123456789abcdef",
      VAPI_API_KEY: "key",
      ENCRYPTION_KEY: randomBytes(32).toString("base64"),
    },
    now: () => Date.now(),
    ask: async () => null,
    input: async () => "",
    cutOff: cutOff.signal,
    out: () => undefined,
    err: (text) => {
      err += text;
    },
  });
  silent.close();
  return { code, err };
}

const cases = Object.entries(STOPPED).flatMap(([name, how]) => (how === null ? [] : [{ name, how }]));

test.concurrent.each(cases)(
  "$name, stopped while it waits, says in one line what was done, and exits with 4",
  async ({ name, how: [args, says] }) => {
    const { code, err } = await stopped(name, args);
    expect([code, err]).toEqual([4, expect.stringMatching(/^Stopped by SIGHUP\. .+\n$/)]);
    expect(err.replace("Stopped by SIGHUP. ", "").trimEnd()).toMatch(says);
  },
);

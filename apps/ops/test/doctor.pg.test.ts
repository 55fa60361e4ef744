import { randomUUID } from "node:crypto";
import { readFileSync } from "node:fs";
import { PLATFORM_ACCOUNT } from "@call-ledger/db/testing";
import { afterAll, beforeAll, beforeEach, expect, test } from "vitest";
import { DOCTOR_CASES } from "./harness/doctor.cases.ts";
import type { ExaminedLedger } from "./harness/examined-ledger.ts";
import { API_KEY, examinedLedger, RETRIES } from "./harness/examined-ledger.ts";
import { documentOf } from "./harness/run-ops.ts";

let ledger: ExaminedLedger;

beforeAll(async () => {
  ledger = await examinedLedger();
});

afterAll(() => ledger.stop());

beforeEach(() => ledger.set());

const doctor = (args: string[], env?: Record<string, string>, typed?: Parameters<ExaminedLedger["ops"]>[2]) =>
  ledger.ops(["doctor", ...args], env, typed);
type Item = { id: string; ok: boolean; found: string; next: string | null; account: string | null };
const failedIn = (document: { checks: Item[] }) => document.checks.filter(({ ok }) => !ok);

test("without a fault all checks pass, and each of them fails in a case below", async () => {
  const { code, stdout } = await doctor(["--json"]);
  const { checks, ...document } = JSON.parse(stdout);
  expect(failedIn({ checks })).toEqual([]);
  expect(document).toEqual({ ok: true, left_out: [], problems: [], changes: [] });
  expect(code).toBe(0);
  const ids = checks.map(({ id }: Item) => id);
  expect(ids.toSorted()).toEqual([...new Set(DOCTOR_CASES.map(({ check }) => check))].toSorted());
});

test.each(DOCTOR_CASES)("$check: $says", async ({ breaks, cure, check, says, env, fix }) => {
  await breaks(ledger);
  const broken = await doctor(["--json"], env?.(ledger));
  const document = JSON.parse(broken.stdout);
  expect(failedIn(document)).toEqual([
    expect.objectContaining({ id: check, found: expect.any(String), next: expect.any(String) }),
  ]);
  const [failed] = failedIn(document);
  expect(`${failed?.found} ${failed?.next}`).toContain(says);
  expect(broken.code).toBe(1);
  expect(broken.stdout).not.toMatch(/s3cret|private-key|Northgate\.|secret of deliveries|\+1202/);

  await cure(ledger, failed?.next ?? "");
  expect(failedIn(JSON.parse((await doctor(["--json"])).stdout))).toEqual([]);

  await ledger.set();
  await breaks(ledger);
  const made = { ok: true, changes: [{ error: null }] };
  const left = { ok: false, changes: [] };
  const fixed = await doctor(["--fix", "--yes", "--json"], env?.(ledger));
  expect(JSON.parse(fixed.stdout)).toMatchObject(fix === "safe" ? made : left);
  if (fix !== "asked") return;
  const refused = await doctor(["--fix", "--json"], env?.(ledger), "n");
  expect(JSON.parse(refused.stdout)).toMatchObject(left);
  expect(refused.stderr).toContain("Say yes only if ");
  const wanted = await doctor(["--fix", "--json"], env?.(ledger), "y");
  expect(JSON.parse(wanted.stdout)).toMatchObject(made);
});

test("--fix does not change objects of others or settings that a person has to decide", async () => {
  const { settings } = ledger.vapi;
  ledger.assistantServer({ url: "https://elsewhere.test" });
  settings.assistant.set("stray", {});
  settings["phone-number"].set("number-1", { provider: "vapi", assistantId: "front", squadId: "squad-1" });
  const before = structuredClone(settings);
  const { code, stdout } = await doctor(["--fix", "--yes", "--json"]);
  expect([code, JSON.parse(stdout).changes]).toEqual([1, []]);
  expect(settings).toEqual(before);
});

test("each change that a person decides has a question of its own, after the safe ones", async () => {
  ledger.assistant({
    serverMessages: ["status-update"],
    artifactPlan: { recordingEnabled: false, loggingPath: "s3cret" },
  });
  ledger.vapi.settings.assistant.set("stray", { name: "Stray", server: ledger.rightServer() });
  const questions: string[] = [];
  const { code, stdout } = await doctor(["--fix", "--json"], {}, (question) => {
    questions.push(question);
    return question.includes("recordingEnabled") ? "n" : "y";
  });
  expect(questions.map((text) => text.split("\n").map((line) => line.trim()))).toEqual([
    [
      `assistant front "Front desk" (account ${PLATFORM_ACCOUNT}):`,
      'serverMessages: ["status-update"] → ["status-update","end-of-call-report"]',
      "Change this at the provider? [y/N]",
    ],
    [
      `assistant front "Front desk" (account ${PLATFORM_ACCOUNT}):`,
      "artifactPlan.recordingEnabled: false → true",
      "Say yes only if its calls may be recorded.",
      "Change this at the provider? [y/N]",
    ],
    [
      `a new agent for assistant stray "Stray" (account ${PLATFORM_ACCOUNT}):`,
      "organization: none → Northgate",
      "Say yes only if its calls are those of the organization.",
      "Change this in the ledger? [y/N]",
    ],
  ]);
  const { checks, changes } = JSON.parse(stdout);
  expect(failedIn({ checks }).map(({ id }) => id)).toEqual(["recording"]);
  expect([code, changes.length]).toEqual([1, 2]);
  const later = await doctor(["--fix", "--json"], {}, "y");
  expect(later.code).toBe(0);
  expect(ledger.vapi.settings.assistant.get("front")?.artifactPlan).toEqual({
    recordingEnabled: true,
    loggingPath: "s3cret",
  });
  expect(later.stdout + later.stderr).not.toContain("s3cret");
});

test("a change that a person decides is not made without a terminal", async () => {
  ledger.assistant({ artifactPlan: { recordingEnabled: false } });
  const nobody = await doctor(["--fix"]);
  expect([nobody.code, nobody.stderr]).toEqual([
    2,
    expect.stringContaining("--yes leaves out what a person decides. Nothing was changed."),
  ]);
});

test("the table of decisions names each line, and what --fix does about its faults", () => {
  const page = readFileSync(new URL("../../../docs/adr/0034-changes-by-doctor.md", import.meta.url), "utf8");
  const rows = [...page.matchAll(/^\| `(\w+)` +\| ([a-z, ]+?) +\|/gm)].map(([, line, words]) => [
    line,
    words,
  ]);
  const words = { safe: "yes", asked: "asks", left: "no" } as const;
  const kinds = Object.keys(words) as (keyof typeof words)[];
  const lines = [...Map.groupBy(DOCTOR_CASES, ({ check }) => check)].map(([check, cases]) => {
    const found = kinds.filter((kind) => cases.some(({ fix = "left" }) => fix === kind));
    return [check, found.map((kind) => words[kind]).join(", ")];
  });
  expect(rows.toSorted()).toEqual(lines.toSorted());
});

test("--fix shows the difference and asks; without a yes nothing is changed", async () => {
  ledger.assistantServer({ backoffPlan: null, headers: { "x-mine": "s3cret" } });
  const before = ledger.vapi.settings.assistant.get("front");
  const patches = () => ledger.vapi.requests.filter(({ method }) => method === "PATCH").length;
  const count = patches();
  const nobody = await doctor(["--fix"]);
  expect([nobody.code, nobody.stderr]).toEqual([
    2,
    expect.stringContaining("use --yes. Nothing was changed."),
  ]);
  const no = await doctor(["--fix"], {}, "n");
  expect(no.code).toBe(1);
  expect(no.stderr).toContain(
    `assistant front "Front desk" (account ${PLATFORM_ACCOUNT}):\n  server.backoffPlan: none → ${JSON.stringify(RETRIES)}\nChange this at the provider? [y/N] `,
  );
  expect([patches(), ledger.vapi.settings.assistant.get("front")]).toEqual([count, before]);

  const yes = await doctor(["--fix"], {}, "y");
  expect(yes.code).toBe(0);
  expect(yes.stdout + yes.stderr).not.toContain("s3cret");
  expect(ledger.vapi.settings.assistant.get("front")).toEqual({
    ...before,
    server: { ...ledger.rightServer(), headers: { "x-mine": "s3cret" } },
  });
});

test("changes wait if the provider asks to wait", async () => {
  const right = ledger.rightServer();
  for (let n = 0; n < 12; n += 1) {
    ledger.vapi.settings.assistant.set(`front-${n}`, { server: { ...right, backoffPlan: null } });
    await ledger.agent(`front-${n}`);
  }
  ledger.vapi.limitRate({ requests: 10, perMs: 1_000 });
  const { code, stdout } = await doctor(["--fix", "--yes", "--json"]);
  ledger.vapi.limitRate(undefined);
  const { changes } = JSON.parse(stdout);
  expect([code, changes.filter(({ error }: { error: string | null }) => error !== null)]).toEqual([0, []]);
  const waited = ledger.vapi.requests.filter(({ method, status }) => method === "PATCH" && status === 429);
  expect(waited.length).toBeGreaterThan(0);
});

test("a change that the provider refuses is reported, and the others are made", async () => {
  ledger.assistantServer({ backoffPlan: null });
  ledger.vapi.settings.org.set("org-1", { server: { ...ledger.rightServer(), backoffPlan: null } });
  // The organization gets another id before its change is sent.
  ledger.vapi.settings.org.set("org-1", {
    id: "org-2",
    server: { ...ledger.rightServer(), backoffPlan: null },
  });
  const { code, stdout } = await doctor(["--fix", "--yes", "--json"]);
  const { changes, checks } = JSON.parse(stdout);
  expect(changes.map(({ what, error }: { what: string; error: string | null }) => [what, error])).toEqual([
    ["organization org-2", "the answer was HTTP 404"],
    ['assistant front "Front desk"', null],
  ]);
  const refused = ledger.vapi.requests.filter(({ path, status }) => path === "/org/org-2" && status === 404);
  expect(refused).toHaveLength(1);
  expect([code, failedIn({ checks }).map(({ id }) => id)]).toEqual([1, ["retries"]]);
});

test("an organization's own account is read with its own key, and --account checks only that account", async () => {
  const made = documentOf(
    await ledger.ops(["account", "add", "--org", ledger.org, "--api-key", API_KEY, "--json"]),
  );
  const { code, stdout } = await doctor(["--account", made.id, "--json"], { VAPI_API_KEY: "" });
  const document = JSON.parse(stdout);
  expect(failedIn(document)).toEqual([
    expect.objectContaining({ id: "deliveries_verified", account: made.id }),
    // The assistant sends to the platform's path, so it belongs to another account, and this account has no problem.
  ]);
  expect(code).toBe(1);
  ledger.assistantServer({ url: ledger.webhookUrl(made.webhook_path) });
  expect(
    failedIn(JSON.parse((await doctor(["--account", made.id, "--json"])).stdout)).map(({ id }) => id),
  ).toEqual(["deliveries_verified", "read_by_one_account"]);
  const missing = await doctor(["--account", randomUUID()]);
  expect([missing.code, missing.stderr]).toEqual([
    1,
    "There is no such account; account list shows those there are.\n",
  ]);
});

test("an own account with another secret is told which commands give it a new one", async () => {
  const made = documentOf(await ledger.ops(["account", "add", "--org", ledger.org, "--json"]));
  await ledger.owner`insert into account_contacts (provider_account_id, last_refused_at, last_refusal)
    values (${made.id}, now(), 'wrong_proof')`;
  const { checks }: { checks: Item[] } = JSON.parse((await doctor(["--account", made.id, "--json"])).stdout);
  const { next } = checks.find(({ id }) => id === "deliveries_verified") ?? {};
  const rotate = `account rotate ${made.id}`;
  expect(next?.split("\n").map((line) => line.trim())).toEqual([
    "The signature was made with another secret. Set the same secret on both sides.",
    expect.stringMatching(new RegExp(`^Make a new one and set it at the provider: .* ${rotate}$`)),
    expect.stringMatching(new RegExp(`^Then: .* ${rotate} --finish$`)),
  ]);
});

test("--wait fails if no delivery comes", async () => {
  const inVain = JSON.parse((await doctor(["--wait", "1ms", "--json"])).stdout);
  expect(failedIn(inVain)).toEqual([expect.objectContaining({ found: "no delivery came" })]);
});

test("a provider that is away is waited for once for all accounts, and our side is looked at", async () => {
  await ledger.ops(["account", "add", "--org", ledger.org, "--api-key", API_KEY]);
  const RECORDING_TEST_HOSTS = `${ledger.server.testHost},localhost:1`;
  const begun = performance.now();
  const away = await doctor(["--json"], { VAPI_API_URL: "https://localhost:1", RECORDING_TEST_HOSTS });
  expect(performance.now() - begun).toBeLessThan(25_000);
  const { checks }: { checks: Item[] } = JSON.parse(away.stdout);
  const unasked = failedIn({ checks }).filter(({ id }) => id === "provider_settings");
  expect([away.code, unasked.map(({ found }) => found)]).toEqual([
    3,
    Array(2).fill("The provider's API does not answer (not within 15 s). Run doctor again later."),
  ]);
  expect(checks.filter(({ account, ok }) => account === null && ok).map(({ id }) => id)).toContain(
    "public_url",
  );
});

test("the step after a refused key can be pasted", async () => {
  await ledger.ops(["account", "add", "--org", ledger.org, "--api-key", "revoked"]);
  const { stdout } = await doctor(["--json"], { VAPI_API_KEY: "revoked" });
  const { checks }: { checks: Item[] } = JSON.parse(stdout);
  const steps = failedIn({ checks })
    .filter(({ id }) => id === "provider_settings")
    .map(({ account, next }: Item) => [account === PLATFORM_ACCOUNT, account, next]);
  expect(steps).toHaveLength(2);
  for (const [isPlatforms, account, next] of steps) {
    if (isPlatforms) expect(next).toBe("Set VAPI_API_KEY in the environment of the service, and here.");
    else expect(next).toMatch(new RegExp(`ops -- account rotate ${account} --api-key env:NAME$`));
  }
});

test("a URL is needed, and a server that is away is told apart by the exit code", async () => {
  const none = await doctor([], { PUBLIC_URL: "" });
  expect([none.code, none.stderr]).toEqual([2, expect.stringContaining("set PUBLIC_URL")]);
  const away = await doctor(["https://localhost:1", "--json"]);
  expect([away.code, failedIn(JSON.parse(away.stdout)).map(({ id }) => id)]).toEqual([
    3,
    ["public_url", "server_url"],
  ]);
  expect((await doctor(["--yes"])).code).toBe(2);
  const lost = await doctor(["--json"], { DATABASE_URL: "postgres://o:p@127.0.0.1:1/ledger" });
  expect([lost.code, JSON.parse(lost.stdout).checks.map(({ id, ok }: Item) => [id, ok])]).toEqual([
    3,
    [
      ["database_size", false],
      ...["certificate", "public_url", "clock", "storage_writable", "worker_alive"].map((id) => [id, true]),
    ],
  ]);
});

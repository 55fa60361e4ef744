import { randomUUID } from "node:crypto";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import tls from "node:tls";
import { PLATFORM_ACCOUNT } from "@call-ledger/db/testing";
import type { SimulatedCall } from "@call-ledger/simulator";
import { until } from "@call-ledger/testkit/process";
import type { ReconciledLedger } from "@call-ledger/worker/testing/reconciled-ledger";
import { DAY, MINUTE, reconciledLedger } from "@call-ledger/worker/testing/reconciled-ledger";
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { callOps, documentOf, spawnOps } from "./harness/run-ops.ts";

let ledger: ReconciledLedger;
/** Three calls of different days: one is in the ledger, one lacks its report, one is missing. */
let calls: SimulatedCall[];

beforeAll(async () => {
  ledger = await reconciledLedger();
  tls.setDefaultCACertificates([...tls.getCACertificates("default"), ledger.certificate.cert]);
  calls = [1, 2, 3].map((n) =>
    ledger.call({ seed: n, outcome: "completed", startedAt: ledger.now() - n * DAY }),
  );
});

afterAll(() => ledger.drop());

beforeEach(async () => {
  for (const table of ["reconciled_accounts", "provider_calls", "processed_webhook_events", "call_routes"]) {
    await ledger.sql`truncate ${ledger.sql(table)} cascade`;
  }
  await ledger.sql`truncate calls, call_logs, call_tracking cascade`;
  const [whole, unreported] = calls;
  if (whole === undefined || unreported === undefined) throw new Error("no calls");
  await ledger.deliver(whole);
  await ledger.deliver(unreported, ({ type }) => type !== "end-of-call-report");
});

const environment = (more: Record<string, string> = {}) => ({
  DATABASE_URL: ledger.database.ownerUrl,
  VAPI_API_KEY: "private",
  VAPI_API_URL: ledger.vapi.url,
  RECORDING_TEST_HOSTS: ledger.vapi.testHost,
  ...more,
});
const reconcile = (args: readonly string[] = [], more?: Record<string, string>) =>
  callOps(["reconcile", ...args], environment(more));

/** Returns all rows that a comparison could write. */
async function everything() {
  const tables = ["calls", "call_logs", "provider_calls", "reconciled_accounts", "processed_webhook_events"];
  const rows = tables.map(
    (table) => ledger.sql`select to_jsonb(t) as row from ${ledger.sql(table)} t order by 1`,
  );
  return (await Promise.all(rows)).flat();
}

test("it books the missing parts, prints its result, and books nothing twice", async () => {
  const [, unreported, unheard] = calls;
  const first = await reconcile(["--json"]);
  expect([first.code, first.stderr]).toEqual([0, ""]);
  const [account] = documentOf(first).accounts;
  expect(account).toMatchObject({
    id: PLATFORM_ACCOUNT,
    ended: "done",
    error: null,
    result: { listed: 3, repaired: 2, booked: 1, missing: 0, requests: 1 },
  });
  expect(account.calls).toHaveLength(2);
  expect(account.calls).toEqual(
    expect.arrayContaining([
      { provider_call_id: unreported?.callId, lacked: "report", missing: null },
      { provider_call_id: unheard?.callId, lacked: "call", missing: null },
    ]),
  );
  const again = await reconcile();
  expect([again.code, again.stdout.trimEnd().split("\n").at(-1)]).toEqual([
    0,
    "1 of 1 accounts compared; 0 calls listed; 0 repaired, 0 of them not in the ledger before; none missing; 1 requests.",
  ]);
});

test("a dry run shows the missing parts, and writes nothing", async () => {
  await ledger.sql`update calls set attention = array['missing_report'] where not awaits_report is false`;
  const before = await everything();
  const dry = await reconcile(["--dry-run"]);
  expect([dry.code, dry.stderr]).toEqual([0, ""]);
  const [, unreported, unheard] = calls;
  expect(dry.stdout).toContain(`  ${unreported?.callId}  lacks: report`);
  expect(dry.stdout).toContain(`  ${unheard?.callId}  not in the ledger`);
  expect(dry.stdout).toContain(
    "2 to repair, 1 of them not in the ledger; none missing; 1 requests. Nothing was written.",
  );
  expect(await everything()).toEqual(before);
  const real = documentOf(await reconcile(["--json"])).accounts[0];
  expect(real.result.repaired).toBe(2);
});

test("a dry run asks for overdue calls that no list has, and notes nothing", async () => {
  const [, unreported] = calls;
  await reconcile();
  await ledger.sql`update calls set attention = array['missing_report'] where provider_call_id = ${unreported?.callId ?? ""}`;
  const before = await everything();
  const dry = documentOf(await reconcile(["--dry-run", "--json"])).accounts[0];
  expect(dry.result).toMatchObject({ listed: 0, asked: 1, requests: 2 });
  expect(await everything()).toEqual(before);
});

describe("with --from and --to", () => {
  const dayOf = (at: number) => new Date(at).toISOString().slice(0, 10);

  test("calls that were created in between are compared, and the point of the next run stays", async () => {
    const [, unreported] = calls;
    const created = ledger.now() - 2 * DAY;
    const [from, to] = [created - MINUTE, created + MINUTE].map((at) => new Date(at).toISOString());
    const { accounts } = documentOf(await reconcile(["--from", from ?? "", "--to", to ?? "", "--json"]));
    expect(accounts[0].result).toMatchObject({ listed: 1, repaired: 1, booked: 0 });
    expect(accounts[0].calls[0].provider_call_id).toBe(unreported?.callId);
    const [row] =
      await ledger.sql`select compared_since, compared_until, lease_token from reconciled_accounts`;
    expect(row).toEqual({ compared_since: null, compared_until: null, lease_token: null });
  });

  test("a day of --to is included", async () => {
    const day = dayOf(ledger.now() - 3 * DAY);
    const { accounts } = documentOf(await reconcile(["--from", day, "--to", day, "--json"]));
    expect(accounts[0].result).toMatchObject({ listed: 1, booked: 1 });
  });

  test.each([
    [["--to", "2026-11-28"], "--to can be used only with --from."],
    [["--from", "yesterday"], "--from has to be a day, such as"],
    [["--from", "2026-02-30"], "--from has to be a day, such as"],
    [["--from", "2026-11-28T02:00:00"], "--from has to be a day, such as"],
    [["--from", "2026-11-28", "--to", "2026-11-27"], "--from has to be before --to."],
    [["--account", "platform"], "--account has to be a UUID"],
    [["--org", PLATFORM_ACCOUNT], "--org can be used only with --from."],
    [["--from", "2025-01-01", "--to", "2025-01-31"], "No provider keeps its calls for so long"],
    [["--from", "2099-01-01", "--to", "2099-01-02"], "--from has to be in the past."],
  ])("wrong usage: %j", async (args, says) => {
    const { code, stderr } = await reconcile(args);
    expect([code, stderr]).toEqual([2, expect.stringContaining(says)]);
  });
});

describe("an account that cannot be compared", () => {
  test("because another process compares it: exit code 4, and no request", async () => {
    await ledger.sql`insert into reconciled_accounts (provider_account_id, provider, lease_token, next_run_at)
      values (${PLATFORM_ACCOUNT}, 'vapi', gen_random_uuid(), now() + interval '1 minute')`;
    const requests = ledger.vapi.requests.length;
    const { code, stdout } = await reconcile();
    expect([code, stdout]).toEqual([
      4,
      expect.stringContaining("is compared by another process at the moment."),
    ]);
    expect(ledger.vapi.requests.length).toBe(requests);
  });

  test("because its key is refused: exit code 3, with the next step, and nothing about missing calls", async () => {
    const { code, stdout } = await reconcile([], { VAPI_API_KEY: "rotated" });
    expect([code, stdout]).toEqual([
      3,
      expect.stringContaining(
        "the provider refuses the API key (HTTP 401): set VAPI_API_KEY. Nothing was booked.",
      ),
    ]);
    expect(stdout).not.toContain("missing");
  });

  test("because the provider does not answer", async () => {
    const away = { VAPI_API_URL: "https://localhost:1", RECORDING_TEST_HOSTS: "localhost:2" };
    const { code, stdout } = await reconcile(["--json"], away);
    expect([code, documentOf({ code, stdout, stderr: "" }).accounts[0].ended]).toEqual([3, "failed"]);
  });

  test.each([
    [[], "No account has an API key: set VAPI_API_KEY"],
    [["--account", PLATFORM_ACCOUNT], "The account has no API key: set VAPI_API_KEY"],
  ])("because it has no key: %j", async (args, says) => {
    const { code, stderr } = await reconcile(args, { VAPI_API_KEY: "" });
    expect([code, stderr]).toEqual([3, expect.stringContaining(says)]);
  });

  test("because it does not exist", async () => {
    const { code, stderr } = await reconcile(["--account", randomUUID()]);
    expect([code, stderr]).toEqual([2, expect.stringContaining("account list shows the accounts.")]);
  });
});

test("completeness shows every day of the provider's calls, and a summary in one line", async () => {
  await reconcile();
  await ledger.sql`insert into provider_calls
    (provider_account_id, provider_call_id, created_at, has_ended, lacked, missing)
    values (${PLATFORM_ACCOUNT}, 'nobodys', now() - interval '1 day', true, 'call', 'unknown_agent')`;
  const shown = await callOps(["calls", "completeness"], environment());
  expect(shown.code).toBe(0);
  expect(shown.stdout).toMatch(/^20\d\d-\d\d-\d\d +1 +1 +0 +call 1 +- +- +yes$/m);
  expect(shown.stdout).toMatch(/^20\d\d-\d\d-\d\d +1 +1 +0 +report 1 +- +- +yes$/m);
  expect(shown.stdout).toContain(`Calls of account ${PLATFORM_ACCOUNT} whose agent no organization has: 1.`);
  expect(shown.stdout.trimEnd().split("\n").at(-1)).toMatch(
    /^The last 30 days: account .* compared until .*, 13 of 29 days that are over complete, 3 of 3 calls in the ledger, 2 of them repaired\.$/,
  );
});

test("the summary of an account that was never compared has no counts, because nothing is known", async () => {
  const { stdout } = await callOps(["calls", "completeness"], environment());
  expect(stdout.trimEnd().split("\n").at(-1)).toBe(
    `The last 30 days: account ${PLATFORM_ACCOUNT} was never compared: it has no API key, or its first comparison has not ended (see doctor).`,
  );
});

test("progress is printed; an interruption releases the account and prints the result; the next run continues", async () => {
  await ledger.drop();
  ledger = await reconciledLedger({ rate: { requests: 4, perMs: 2_000 } });
  for (let seed = 0; seed < 400; seed += 1) {
    ledger.call({ outcome: "no_answer", seed, startedAt: ledger.now() - 13 * DAY + seed * 46 * MINUTE });
  }
  const folder = mkdtempSync(join(tmpdir(), "reconcile-"));
  const ca = join(folder, "ca.pem");
  writeFileSync(ca, ledger.certificate.cert);
  const { child, finished } = spawnOps(["reconcile"], environment({ NODE_EXTRA_CA_CERTS: ca }));
  const answered = () => ledger.vapi.requests.filter(({ status }) => status === 200).length;
  await until(() => answered() >= 6, "pages are read after a pause", 30);
  child.kill("SIGINT");
  const { code, stdout, stderr } = await finished;
  rmSync(folder, { recursive: true });
  const [row] = await ledger.sql`select lease_token, next_run_at <= now() as due,
    (select count(*)::int from calls) as booked from reconciled_accounts`;
  expect(row).toMatchObject({ lease_token: null, due: true });
  expect(row?.booked).toBeGreaterThan(0);
  const figures =
    /^ {2}(\d+) calls listed, 0 asked for by id, \1 repaired, \1 of them not in the ledger before, \d+ requests …$/m;
  expect(stdout).toMatch(figures);
  expect([code, stderr], stdout).toEqual([
    4,
    expect.stringMatching(
      new RegExp(
        `Stopped by .*\\. ${row?.booked} calls of .* were repaired\\. Booked deliveries stay booked; run the command again`,
      ),
    ),
  ]);
}, 60_000);

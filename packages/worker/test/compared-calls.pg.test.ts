import { randomUUID } from "node:crypto";
import { readCompleteness } from "@call-ledger/db/completeness";
import { CursorRefused, listComparedCalls } from "@call-ledger/db/read";
import { PLATFORM_ACCOUNT } from "@call-ledger/db/testing";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import type { ReconciledLedger } from "./harness/reconciled-ledger.ts";
import { DAY, MINUTE, reconciledLedger } from "./harness/reconciled-ledger.ts";

let ledger: ReconciledLedger;
/** A time at which it is the morning of `day` in Sydney. In UTC it is the day before. */
let at: number;
let day: string;

beforeEach(async () => {
  ledger = await reconciledLedger();
  await ledger.sql`update organizations set time_zone = 'Australia/Sydney'`;
  at = Math.floor(ledger.now() / DAY) * DAY - 3 * DAY + 20 * 60 * MINUTE;
  day = new Intl.DateTimeFormat("en-CA", { timeZone: "Australia/Sydney" }).format(at);
  await fill();
});
afterEach(() => ledger.drop());

describe("the calls behind a number of the completeness", () => {
  test("are as many as the number of the day says", async () => {
    const [account] = await readCompleteness(ledger.pool, ledger.orgId, { from: day, to: day }, 5_000);
    const [counts] = account?.days ?? [];
    expect(counts).toMatchObject({ providerCalls: 5, ours: 3, difference: 2, gone: 1, unlisted: 1 });
    expect(counts?.repaired).toEqual({ call: 1, report: 1 });
    expect(counts?.missing).toEqual({ not_booked: 1, refused: 1 });
    const idsOf = async (part: Selection["part"], reason: Selection["reason"] = null) => {
      const { rows } = await list({ account: PLATFORM_ACCOUNT, day, part, reason });
      return rows.map(({ providerCallId }) => providerCallId).sort();
    };
    expect(await idsOf("listed")).toEqual(["fetched", "no report", "refused", "report fetched", "whole"]);
    expect(await idsOf("ours")).toEqual(["fetched", "report fetched", "whole"]);
    expect(await idsOf("missing")).toEqual(["no report", "refused"]);
    expect(await idsOf("missing", "refused")).toEqual(["refused"]);
    expect(await idsOf("repaired")).toEqual(["fetched", "report fetched"]);
    expect(await idsOf("repaired", "report")).toEqual(["report fetched"]);
    expect(await idsOf("gone")).toEqual(["gone"]);
    expect(await idsOf("unlisted")).toEqual(["unlisted"]);
  });

  test("come in pages, and not to another organization", async () => {
    const selection = { account: PLATFORM_ACCOUNT, day, part: "listed", reason: null } as const;
    const ids: string[] = [];
    let cursor: string | undefined;
    do {
      const page = await list(selection, ledger.orgId, 2, cursor);
      ids.push(...page.rows.map(({ providerCallId }) => providerCallId));
      cursor = page.nextCursor ?? undefined;
    } while (cursor !== undefined);
    expect(ids).toEqual(["fetched", "no report", "refused", "report fetched", "whole"]);
    expect((await list(selection)).rows.filter(({ callId }) => callId === null)).toMatchObject([
      { providerCallId: "refused", missing: "refused", listed: true },
    ]);
    const other = randomUUID();
    await ledger.sql`insert into organizations (id, name) values (${other}, 'next door')`;
    expect((await list(selection, other)).rows).toEqual([]);
    expect((await list({ ...selection, part: "unlisted" }, other)).rows).toEqual([]);
    await expect(list(selection, ledger.orgId, 2, "x")).rejects.toThrow(CursorRefused);
  });
});

type Selection = Parameters<typeof listComparedCalls>[2]["selection"];
const list = (selection: Selection, orgId = ledger.orgId, limit = 100, cursor?: string) =>
  listComparedCalls(ledger.pool, orgId, { selection, limit, cursor }, 5_000);

/** Notes calls of one day: repaired and whole ones, missing ones, one that is gone and one that only the ledger has. */
async function fill(): Promise<void> {
  const { sql, orgId } = ledger;
  await sql`insert into reconciled_accounts (provider_account_id, provider, compared_since, compared_until)
    values (${PLATFORM_ACCOUNT}, 'vapi', now() - interval '20 days', now())`;
  const booked = async (id: string, awaitsReport: boolean) =>
    sql`insert into calls (org_id, id, provider, provider_account_id, provider_call_id, awaits_report, started_at)
      values (${orgId}, ${randomUUID()}, 'vapi', ${PLATFORM_ACCOUNT}, ${id}, ${awaitsReport}, ${new Date(at)})`;
  const noted = async (id: string, lacked: string | null, missing: string | null) =>
    sql`insert into provider_calls
        (provider_account_id, provider_call_id, org_id, created_at, has_ended, lacked, missing)
      values (${PLATFORM_ACCOUNT}, ${id}, ${orgId}, ${new Date(at)}, true, ${lacked}, ${missing})`;
  for (const [id, lacked] of [
    ["whole", null],
    ["fetched", "call"],
    ["report fetched", "report"],
  ] as const) {
    await noted(id, lacked, null);
    await booked(id, false);
  }
  await noted("no report", "report", null);
  await booked("no report", true);
  await noted("refused", "call", "refused");
  await noted("gone", "report", "gone");
  await booked("gone", true);
  await booked("unlisted", false);
}

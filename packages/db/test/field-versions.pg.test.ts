import { cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Report } from "@call-ledger/domain";
import { SILENT_REPORT } from "@call-ledger/domain";
import postgres from "postgres";
import { afterAll, beforeAll, expect, test } from "vitest";
import { migrate } from "../src/migrate/index.ts";
import { MIGRATIONS_FOLDER } from "../src/migrate/journal.ts";
import type { OrganizationFixture, TestDatabase } from "../src/testing/index.ts";
import {
  createOrganizationFixture,
  deliveryToBook,
  emptyDatabase,
  KNOWN_FACTS,
  rowsOf,
} from "../src/testing/index.ts";
import { eventsDocument } from "../src/write/delivery-document.ts";
import { prepareDelivery } from "../src/write/index.ts";

/*
 * Rows and deliveries of the release before the one that merges by field. Its versions have 27 characters and apply to
 * sections.
 */

const MIGRATION = "_field_versions";
const at = Date.UTC(2026, 2, 12, 15);

let db: TestDatabase;
let root: postgres.Sql;
let folder: string;
let fixture: OrganizationFixture;

beforeAll(async () => {
  db = await emptyDatabase();
  root = postgres(db.superuserUrl, { max: 1, onnotice: () => undefined });
  folder = mkdtempSync(join(tmpdir(), "migrations-"));
  cpSync(MIGRATIONS_FOLDER, folder, { recursive: true });
  const path = join(folder, "meta", "_journal.json");
  const journal: { entries: { tag: string }[] } = JSON.parse(readFileSync(path, "utf8"));
  const before = journal.entries.slice(
    0,
    journal.entries.findIndex(({ tag }) => tag.endsWith(MIGRATION)),
  );
  writeFileSync(path, JSON.stringify({ ...journal, entries: before }));
  await migrate(db.ownerUrl, { folder });
  fixture = await createOrganizationFixture(root);
});

afterAll(async () => {
  await root.end();
  await db.drop();
  rmSync(folder, { recursive: true });
});

/** Books a report with the version that its release gives it. */
async function book(call: string, said: Partial<Report>, version: string): Promise<void> {
  const report = { ...SILENT_REPORT, ...said };
  const event = { kind: "call.reported" as const, type: "report", occurredAt: null, report, sources: [] };
  const delivery = deliveryToBook(fixture, call, { account: 0, facts: KNOWN_FACTS, event });
  if ("refusal" in delivery.content) throw new Error("a generated call is booked");
  const events = delivery.content.events.map((one) => ({ ...one, reportVersion: version }));
  const { items } = prepareDelivery({ ...delivery, content: { ...delivery.content, events } });
  const { text } = eventsDocument([items]);
  await root`select * from record_deliveries(${text}::text::jsonb, '{}')`;
}

const rich: Partial<Report> = { summary: "s", costUsd: 0.05, endedAt: at + 60_000, recordings: [] };
const thin: Partial<Report> = {
  transcript: "AI: hi",
  analysis: { structuredData: { n: 1 } },
  costBreakdown: { llm: 0.01 },
  startedAt: at,
};
const RICH = "310000000000000AAAAAAAAAAAA";
const THIN = "110000000000000BBBBBBBBBBBB";

test("facts of older rows and deliveries are kept, and later facts are added", async () => {
  await book("carried", rich, RICH);
  await book("carried", { transcript: "AI: hi" }, THIN);
  await book("untouched", { ...rich, transcript: "AI: hi" }, RICH);
  await migrate(db.ownerUrl);

  const logs = async (call: string) => (await rowsOf(root, call))?.call_logs as Record<string, unknown>;
  expect(await logs("carried")).toMatchObject({
    report_version: RICH,
    field_versions: { transcript: "p011000000000000000000BBBBBBBB" },
  });
  expect(await logs("untouched")).toMatchObject({ report_version: RICH, field_versions: null });

  await book("carried", thin, THIN);
  await book("untouched", thin, THIN);
  const known = { ...rich, ...thin };
  for (const call of ["carried", "untouched"]) {
    expect(await logs(call)).toMatchObject({
      transcript: known.transcript,
      summary: known.summary,
      analysis: known.analysis,
      cost_usd: "0.050000",
      cost_breakdown: known.costBreakdown,
      started_at: new Date(at).toISOString(),
      ended_at: new Date(at + 60_000).toISOString(),
      report_version: "p031000000000000000000AAAAAAAA",
    });
  }
  expect((await rowsOf(root, "carried"))?.calls).toMatchObject({ duration_seconds: 60 });
});

import { createHash, randomBytes, randomUUID } from "node:crypto";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import type { TestDatabase } from "@call-ledger/db/testing";
import { createOrganizationFixture, PLATFORM_ACCOUNT, testDatabase } from "@call-ledger/db/testing";
import postgres from "postgres";
import { afterAll, beforeAll, expect, test } from "vitest";
import { callOps, documentOf } from "./harness/run-ops.ts";

let db: TestDatabase;
let owner: postgres.Sql;
let orgId: string;
let folder: string;

beforeAll(async () => {
  db = await testDatabase();
  owner = postgres(db.ownerUrl, { max: 1 });
  ({ orgId } = await createOrganizationFixture(owner));
  folder = mkdtempSync(join(tmpdir(), "verified-"));
});

afterAll(async () => {
  await owner.end();
  await db.drop();
  rmSync(folder, { recursive: true });
});

const verify = (args: string[], env: Record<string, string> = {}) =>
  callOps(["recordings", "verify", ...args], { DATABASE_URL: db.ownerUrl, STORAGE_PATH: folder, ...env });

/** Creates a call with a stored recording and its file. */
async function storeOne(
  content: Buffer | null = randomBytes(5_000),
): Promise<{ id: string; path: string; file: string }> {
  const callId = randomUUID();
  const layer = {
    org_id: orgId,
    id: callId,
    provider: "vapi",
    provider_account_id: PLATFORM_ACCOUNT,
    provider_call_id: callId,
  };
  await owner`insert into calls ${owner(layer)}`;
  const path = `org/${orgId}/call/${callId}/mono.wav`;
  const file = join(folder, path);
  if (content !== null) {
    mkdirSync(dirname(file), { recursive: true });
    writeFileSync(file, content);
  }
  const proof = content === null ? null : createHash("sha256").update(content).digest();
  const [row] = await owner`
    insert into recording_upload_queue (org_id, call_id, channel, status, storage_path, size_bytes, sha256)
    values (${orgId}, ${callId}, 'mono', 'stored', ${path}, ${content?.length ?? null}, ${proof}) returning id`;
  return { id: row?.id, path, file };
}

test("all unchanged objects are read, over several pages", async () => {
  const first = await storeOne();
  await owner`insert into calls (org_id, id, provider, provider_account_id, provider_call_id)
    select ${orgId}, gen_random_uuid(), 'vapi', ${PLATFORM_ACCOUNT}, 'many-' || n from generate_series(1, 600) n`;
  await owner`insert into recording_upload_queue (org_id, call_id, channel, status, storage_path, size_bytes, sha256)
    select c.org_id, c.id, 'mono', 'stored', q.storage_path, q.size_bytes, q.sha256
    from calls c cross join recording_upload_queue q where c.provider_call_id like 'many-%' and q.id = ${first.id}`;
  const all = await verify(["--all", "--json"]);
  expect([all.code, documentOf(all)]).toEqual([
    0,
    { ok: true, checked: 601, bytes: 601 * 5_000, skipped: 0, faults: [] },
  ]);
  const human = await verify(["--all"]);
  expect(human.stdout).toContain("100 recordings read …\n");
  expect(human.stdout).toContain("601 recordings read, 3005000 bytes: all are unchanged.");
  await owner`delete from calls where provider_call_id like 'many-%'`;
});

test("only missing, shortened or changed objects are reported", async () => {
  const sound = await storeOne();
  const [missing, shorter, changed] = [await storeOne(), await storeOne(), await storeOne()];
  rmSync(missing.file);
  writeFileSync(shorter.file, randomBytes(4_999));
  writeFileSync(changed.file, randomBytes(5_000));
  const found = await verify([sound.id, missing.id, shorter.id, changed.id, "--json"]);
  expect(found.code).toBe(1);
  const { ok, checked, faults } = documentOf(found);
  expect([ok, checked]).toEqual([false, 4]);
  expect(new Set(faults.map((one: { id: string; found: string }) => `${one.id} ${one.found}`))).toEqual(
    new Set([`${missing.id} missing`, `${shorter.id} different`, `${changed.id} different`]),
  );
  const human = await verify(["--all"]);
  expect([human.code, human.stdout.includes(`missing  ${missing.id}  ${missing.path}`)]).toEqual([1, true]);
  for (const { id } of [missing, shorter, changed])
    await owner`delete from recording_upload_queue where id = ${id}`;
});

test("a named recording that is not stored is reported; one without a checksum is counted and not read", async () => {
  const nobody = randomUUID();
  const named = await verify([nobody, "--json"]);
  expect([named.code, documentOf(named).faults]).toEqual([
    1,
    [{ id: nobody, call_id: null, path: null, found: "not_stored" }],
  ]);
  const before = documentOf(await verify(["--all", "--json"])).checked;
  await storeOne(null);
  expect(documentOf(await verify(["--all", "--json"]))).toMatchObject({
    ok: true,
    checked: before,
    skipped: 1,
  });
  expect((await verify(["--all"])).stdout).toMatch(
    /^Stored by other means, without a checksum, and not read: 1\.$/m,
  );
});

test("an unreadable storage is not reported as missing recordings", async () => {
  const s3 = {
    STORAGE_DRIVER: "s3",
    S3_ENDPOINT: "http://127.0.0.1:1",
    S3_BUCKET: "none",
    S3_ACCESS_KEY_ID: "none",
    S3_SECRET_ACCESS_KEY: "a-secret",
  };
  const away = await verify(["--all"], s3);
  expect([away.code, away.stderr]).toEqual([3, expect.stringContaining("the storage does not answer")]);
  expect(away.stderr).not.toContain("a-secret");
  const unset = await verify(["--all"], { STORAGE_DRIVER: "s3" });
  expect([unset.code, unset.stderr]).toEqual([2, expect.stringContaining("S3_ENDPOINT must be set")]);
});

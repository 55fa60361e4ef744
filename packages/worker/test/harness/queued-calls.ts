import { randomUUID } from "node:crypto";
import type { TestDatabase } from "@call-ledger/db/testing";
import { PLATFORM_ACCOUNT, testDatabase } from "@call-ledger/db/testing";
import postgres from "postgres";

export type QueuedCall = { readonly callId: string; readonly providerCallId: string };

export type QueueRow = {
  status: string;
  attempts: number;
  last_error: string | null;
  next_attempt_at: Date;
  storage_path: string | null;
  sha256: Buffer | null;
  size_bytes: string | null;
  deadline: Date | null;
  peaks_path: string | null;
  peaks_error: string | null;
};

/** A database with one organization, whose calls have recordings to fetch. */
export type QueuedCalls = {
  readonly database: TestDatabase;
  readonly orgId: string;
  readonly sql: postgres.Sql;
  queue(source: {
    readonly sourceUrl?: string | null;
    readonly recordingUrl?: string | null;
    readonly expiresAt?: number | null;
    readonly channel?: string;
    /** Default: the platform's account. */
    readonly accountId?: string;
    /** Default: the first organization. */
    readonly orgId?: string;
  }): Promise<QueuedCall>;
  rowOf(call: QueuedCall): Promise<QueueRow>;
  /** Returns the recording's path in the call's summary. */
  pathOf(call: QueuedCall): Promise<string | null>;
  /** Makes waiting jobs due now. */
  hurry(): Promise<void>;
  drop(): Promise<void>;
};

export async function queuedCalls(): Promise<QueuedCalls> {
  const database = await testDatabase();
  const sql = postgres(database.ownerUrl, { max: 2, onnotice: () => undefined });
  const orgId = randomUUID();
  await sql`insert into organizations (id, name) values (${orgId}, 'Northgate Plumbing')`;
  return {
    database,
    orgId,
    sql,
    async queue({ sourceUrl = null, recordingUrl = null, expiresAt = null, channel = "mono", ...of }) {
      const itsOrg = of.orgId ?? orgId;
      const callId = randomUUID();
      const providerCallId = `call-${callId}`;
      const key = {
        org_id: itsOrg,
        id: callId,
        provider: "vapi",
        provider_account_id: of.accountId ?? PLATFORM_ACCOUNT,
        provider_call_id: providerCallId,
      };
      for (const table of ["calls", "call_tracking", "call_logs"])
        await sql`insert into ${sql(table)} ${sql(key)}`;
      await sql`insert into recording_upload_queue (org_id, call_id, channel, recording_url, source_url, source_expires_at)
        values (${itsOrg}, ${callId}, ${channel}, ${recordingUrl}, ${sourceUrl},
                ${expiresAt === null ? null : new Date(expiresAt)})`;
      return { callId, providerCallId };
    },
    async rowOf({ callId }) {
      const [row] = await sql<QueueRow[]>`select * from recording_upload_queue where call_id = ${callId}`;
      if (row === undefined) throw new Error("the call has no recording");
      return row;
    },
    async pathOf({ callId }) {
      const [row] = await sql`select recording_storage_path as path from calls where id = ${callId}`;
      return row?.path ?? null;
    },
    async hurry() {
      await sql`update recording_upload_queue set next_attempt_at = now() where status = 'pending'`;
    },
    async drop() {
      await sql.end({ timeout: 1 });
      await database.drop();
    },
  };
}

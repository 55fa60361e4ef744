import type { AttentionMark } from "@call-ledger/domain";
import type { Owner } from "../owner.ts";

/** A call that somebody should look at, without telephone numbers and text of the conversation. */
export type MarkedCall = {
  readonly id: string;
  readonly orgId: string;
  readonly provider: string;
  readonly providerCallId: string;
  readonly attention: readonly AttentionMark[];
  readonly phase: string | null;
  readonly startedAt: Date | null;
  readonly createdAt: Date;
};

/** Calls with one mark or with any, the newest first. Throws DbError. */
export function listAttention(
  owner: Owner,
  { mark, limit }: { readonly mark?: AttentionMark | undefined; readonly limit: number },
): Promise<MarkedCall[]> {
  return owner.run(
    (sql) => sql<MarkedCall[]>`
    select id, org_id as "orgId", provider, provider_call_id as "providerCallId", to_jsonb(attention) as attention, phase,
      started_at as "startedAt", created_at as "createdAt"
    from calls
    where attention <> '{}' and ${mark === undefined ? sql`true` : sql`${mark} = any (attention)`}
    order by created_at desc, id limit ${limit}`,
  );
}

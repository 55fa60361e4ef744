import type { Owner } from "../owner.ts";

/** A provider account for display. Its secrets are counted and not shown. */
export type ProviderAccount = {
  readonly id: string;
  /** `null`: the platform's own account. */
  readonly orgId: string | null;
  readonly provider: string;
  readonly name: string | null;
  /** The number of valid webhook secrets; `null`: the platform's account, whose secrets are in the environment. */
  readonly secrets: number | null;
  /** `null` for the platform's account, whose key is in the environment. */
  readonly hasApiKey: boolean | null;
  /** Hosts from which its recordings may be fetched, in addition to its provider's. */
  readonly recordingHosts: readonly string[];
  readonly createdAt: Date;
  /** The settings of the verification of deliveries; `null`: the provider's default. */
  readonly verification: unknown;
  readonly lastVerifiedAt: Date | null;
  readonly lastRefusedAt: Date | null;
  /** Why the last refused delivery was refused. */
  readonly lastRefusal: string | null;
  /** The number of deliveries with a wrong or an old proof in the minutes after the last one that verified. */
  readonly refusedSince: number;
  /** All calls that changed before this time were compared with the provider; `null`: none was. */
  readonly comparedUntil: Date | null;
  /** The end of the oldest call with a waiting recording, or `comparedUntil` if that is earlier. */
  readonly waitingSince: Date | null;
};

/**
 * All accounts or those of one organization, with the state of their deliveries; the platform's first. Throws DbError.
 */
export function listProviderAccounts(owner: Owner, orgId?: string): Promise<ProviderAccount[]> {
  return owner.run(
    (sql) => sql<ProviderAccount[]>`
    select a.id, a.org_id as "orgId", a.provider, a.name,
      case when a.org_id is not null then coalesce(cardinality(a.webhook_secrets), 0) end as secrets,
      case when a.org_id is not null then a.api_key is not null end as "hasApiKey",
      to_json(a.recording_hosts) as "recordingHosts", a.created_at as "createdAt", a.verification,
      c.last_verified_at as "lastVerifiedAt", c.last_refused_at as "lastRefusedAt", c.last_refusal as "lastRefusal",
      (select coalesce(sum(d.refused), 0)::int from delivery_counts d
        where d.provider_account_id = a.id and d.at > c.last_verified_at) as "refusedSince",
      r.compared_until as "comparedUntil", least(r.compared_until, (
        select min(coalesce(k.ended_at, q.created_at))
        from recording_upload_queue q join calls k on k.org_id = q.org_id and k.id = q.call_id
        where q.status in ('pending', 'fetching') and k.provider_account_id = a.id)) as "waitingSince"
    from provider_accounts a
    left join account_contacts c on c.provider_account_id = a.id
    left join reconciled_accounts r on r.provider_account_id = a.id
    where ${orgId === undefined ? sql`true` : sql`a.org_id = ${orgId}`}
    order by a.org_id is not null, a.created_at, a.id`,
  );
}

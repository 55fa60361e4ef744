import type { AccountToAdd } from "@call-ledger/db/access";
import type postgres from "postgres";
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

/** An account to add. Its secrets are encrypted for its id. */
export type ProviderAccountToAdd = AccountToAdd & {
  /** `null`: the provider's default verification. */
  readonly verification: object | null;
  /** Host names and `*.name`, in lower case. */
  readonly recordingHosts: readonly string[];
};

/**
 * The result of a change. `missing`: no organization has such an account; `refused`: its state does not allow the
 * change.
 */
export type AccountChange = "done" | "missing" | "refused";

/** Adds an account. Throws DbError with the constraint's name: `provider_accounts_org_id_fkey`. */
export async function addProviderAccount(owner: Owner, account: ProviderAccountToAdd): Promise<void> {
  await owner.run(
    (sql) => sql`
    insert into provider_accounts (id, org_id, provider, name, webhook_secrets, api_key, verification, recording_hosts)
    values (${account.id}, ${account.orgId}, ${account.provider}, ${account.name},
      array[${Buffer.from(account.webhookSecret)}::bytea], ${bytes(account.apiKey)},
      ${account.verification === null ? null : JSON.stringify(account.verification)}::text::jsonb,
      string_to_array(${account.recordingHosts.join(",")}, ','))`,
  );
}

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

/** Adds a second valid webhook secret; `refused` if there are already two. Throws DbError. */
export function beginSecretRotation(
  owner: Owner,
  { id, webhookSecret }: { readonly id: string; readonly webhookSecret: Uint8Array },
): Promise<AccountChange> {
  return owner.run(async (sql) => {
    const changed = await sql`
    update provider_accounts set
      webhook_secrets = array_prepend(${Buffer.from(webhookSecret)}::bytea, webhook_secrets), updated_at = now()
    where id = ${id} and org_id is not null and coalesce(cardinality(webhook_secrets), 0) < 2 returning id`;
    return changed.length > 0 ? "done" : unchanged(sql, id);
  });
}

/** Keeps only the newest webhook secret; `refused` if there is only one. Throws DbError. */
export function finishSecretRotation(owner: Owner, id: string): Promise<AccountChange> {
  return owner.run(async (sql) => {
    const changed = await sql`
    update provider_accounts set webhook_secrets = webhook_secrets[1:1], updated_at = now()
    where id = ${id} and org_id is not null and cardinality(webhook_secrets) > 1 returning id`;
    return changed.length > 0 ? "done" : unchanged(sql, id);
  });
}

/** Replaces the key of the provider's API. Throws DbError. */
export async function replaceAccountApiKey(
  owner: Owner,
  { id, apiKey }: { readonly id: string; readonly apiKey: Uint8Array },
): Promise<AccountChange> {
  const changed = await owner.run(
    (sql) => sql`
    update provider_accounts set api_key = ${Buffer.from(apiKey)}, updated_at = now()
    where id = ${id} and org_id is not null returning id`,
  );
  return changed.length > 0 ? "done" : "missing";
}

/**
 * Adds and removes hosts from which an account's recordings may be fetched, and makes recordings due that wait for a
 * host. `null`: there is no such account. Throws DbError with the constraint's name:
 * `provider_accounts_recording_hosts_bounded`.
 */
export function changeRecordingHosts(
  owner: Owner,
  {
    id,
    add,
    drop,
  }: { readonly id: string; readonly add: readonly string[]; readonly drop: readonly string[] },
): Promise<{ readonly hosts: readonly string[]; readonly due: number } | null> {
  return owner.run(async (sql) => {
    const [changed] = await sql<{ hosts: string[] }[]>`
    update provider_accounts set updated_at = now(), recording_hosts = (
      select coalesce(array_agg(distinct host order by host), '{}')
      from unnest(recording_hosts || string_to_array(${add.join(",")}, ',')) as host
      where host <> all (string_to_array(${drop.join(",")}, ',')))
    where id = ${id} returning to_json(recording_hosts) as hosts`;
    if (changed === undefined) return null;
    const [woken] = await sql<{ due: number }[]>`
    select call_ledger.wake_waiting_recordings(${id}) as due`;
    return { hosts: changed.hosts, due: woken?.due ?? 0 };
  });
}

async function unchanged(sql: postgres.ISql, id: string): Promise<AccountChange> {
  const [found] = await sql`select from provider_accounts where id = ${id} and org_id is not null`;
  return found === undefined ? "missing" : "refused";
}

function bytes(value: Uint8Array | null): Buffer | null {
  return value === null ? null : Buffer.from(value);
}

import type { Owner } from "../owner.ts";

/** A provider account as far as its calls are compared with its provider's. */
export type StoredAccount = {
  readonly providerAccountId: string;
  /** `null`: the platform's own, whose API key is in the environment. */
  readonly orgId: string | null;
  readonly provider: string;
  readonly hasApiKey: boolean;
  /** Every call that changed before was compared; `null`: none was. */
  readonly comparedUntil: Date | null;
};

/** All provider accounts, the platform's first. Throws DbError. */
export function listComparableAccounts(owner: Owner): Promise<StoredAccount[]> {
  return owner.run(
    (sql) => sql<StoredAccount[]>`
    select a.id as "providerAccountId", a.org_id as "orgId", a.provider, a.api_key is not null as "hasApiKey",
      r.compared_until as "comparedUntil"
    from provider_accounts a
    left join reconciled_accounts r on r.provider_account_id = a.id
    order by a.org_id is not null, a.created_at, a.id`,
  );
}

import { asc, eq, sql } from "drizzle-orm";
import { z } from "zod";
import { accountContacts } from "../schema/access.table.ts";
import { providerAccounts } from "../schema/organizations.table.ts";
import type { Change } from "./administration.ts";

/** An account to add. Its secrets are encrypted for its id. */
export type AccountToAdd = {
  readonly id: string;
  readonly orgId: string;
  readonly provider: string;
  readonly name: string | null;
  readonly webhookSecret: Uint8Array;
  readonly apiKey: Uint8Array | null;
  /** The settings of the verification of deliveries. Default: `null`, the provider's default. */
  readonly verification?: object | null;
  /** Host names and `*.name`, in lower case. Default: none. */
  readonly recordingHosts?: readonly string[];
};

/**
 * The result of a change. `missing`: no organization has such an account; `refused`: its state does not allow the
 * change.
 */
export type AccountChange = "done" | "missing" | "refused";

const credentialsSchema = z
  .object({ secrets: z.number(), has_api_key: z.boolean() })
  .transform(({ secrets, has_api_key }) => ({ secrets, hasApiKey: has_api_key }));

/**
 * Returns provider accounts, the platform's first, with the last contact of each; with `id` only that one. Throws
 * DbError.
 */
export async function listAccounts(db: Change, id?: string) {
  const rows = await db
    .select({
      id: providerAccounts.id,
      orgId: providerAccounts.orgId,
      provider: providerAccounts.provider,
      name: providerAccounts.name,
      recordingHosts: providerAccounts.recordingHosts,
      createdAt: providerAccounts.createdAt,
      credentials: sql<unknown>`call_ledger.account_credentials(${providerAccounts.id})`,
      lastVerifiedAt: accountContacts.lastVerifiedAt,
      lastRefusedAt: accountContacts.lastRefusedAt,
      lastRefusal: accountContacts.lastRefusal,
    })
    .from(providerAccounts)
    .leftJoin(accountContacts, eq(accountContacts.providerAccountId, providerAccounts.id))
    .where(id === undefined ? undefined : eq(providerAccounts.id, id))
    .orderBy(
      sql`${providerAccounts.orgId} is not null`,
      asc(providerAccounts.createdAt),
      asc(providerAccounts.id),
    );
  return rows.map(({ credentials, ...row }) => ({ ...row, ...credentialsSchema.parse(credentials) }));
}

export type Account = Awaited<ReturnType<typeof listAccounts>>[number];

/** Adds an account. Throws DbError with the name of the violated constraint. */
export async function addAccount(
  db: Change,
  { webhookSecret, apiKey, recordingHosts = [], ...account }: AccountToAdd,
): Promise<void> {
  await db.insert(providerAccounts).values({
    ...account,
    // The query builder would write an array of bytes as a text that Postgres does not read.
    webhookSecrets: sql`array[${Buffer.from(webhookSecret)}::bytea]`,
    apiKey: apiKey === null ? null : Buffer.from(apiKey),
    recordingHosts: [...recordingHosts],
  });
}

/** Changes an account. A field that is left out does not change. Throws DbError. */
export async function changeAccount(
  db: Change,
  id: string,
  change: {
    readonly name?: string | null | undefined;
    readonly apiKey?: Uint8Array | null | undefined;
    readonly recordingHosts?: readonly string[] | undefined;
  },
): Promise<void> {
  const { name, apiKey, recordingHosts } = change;
  await db
    .update(providerAccounts)
    .set({
      name,
      apiKey: apiKey && Buffer.from(apiKey),
      ...(recordingHosts === undefined ? {} : { recordingHosts: [...recordingHosts] }),
      updatedAt: sql`now()`,
    })
    .where(eq(providerAccounts.id, id));
}

/**
 * Makes recordings of an account's calls due that wait for a host to be allowed. Returns their number. Throws DbError.
 */
export async function wakeWaitingRecordings(db: Change, accountId: string): Promise<number> {
  const [row] = await db.execute<{ due: number }>(
    sql`select call_ledger.wake_waiting_recordings(${accountId}::uuid) as due`,
  );
  return row?.due ?? 0;
}

/**
 * Adds a second valid webhook secret; with `null`, only the newest one stays valid. `refused`: two secrets are valid
 * already, or only one is. Throws DbError.
 */
export async function changeSecrets(
  db: Change,
  id: string,
  secret: Uint8Array | null,
): Promise<AccountChange> {
  const sealed = secret === null ? null : Buffer.from(secret);
  const [row] = await db.execute<{ result: AccountChange }>(
    sql`select call_ledger.rotate_account_secret(${id}::uuid, ${sealed}::bytea) as result`,
  );
  return row?.result ?? "missing";
}

/**
 * Adds a new secret, which is valid beside the previous one; older ones become invalid. Returns `false` if no
 * organization has such an account. Throws DbError.
 */
export async function rotateAccountSecret(db: Change, id: string, secret: Uint8Array): Promise<boolean> {
  const result = await changeSecrets(db, id, secret);
  if (result !== "refused") return result === "done";
  // Two secrets are valid already, so the older one is removed first.
  await changeSecrets(db, id, null);
  return (await changeSecrets(db, id, secret)) === "done";
}

import { asc, eq, sql } from "drizzle-orm";
import { z } from "zod";
import { accountContacts } from "../schema/access.table.ts";
import { providerAccounts } from "../schema/organizations.table.ts";
import type { Change } from "./administration.ts";
import type { Actor } from "./audit.query.ts";
import { noteChange } from "./audit.query.ts";

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

/** Adds an account, and notes it. Throws DbError with the name of the violated constraint. */
export async function addAccount(
  db: Change,
  actor: Actor,
  { webhookSecret, apiKey, recordingHosts = [], ...account }: AccountToAdd,
): Promise<void> {
  await db.insert(providerAccounts).values({
    ...account,
    // The query builder would write an array of bytes as a text that Postgres does not read.
    webhookSecrets: sql`array[${Buffer.from(webhookSecret)}::bytea]`,
    apiKey: apiKey === null ? null : Buffer.from(apiKey),
    recordingHosts: [...recordingHosts],
  });
  const { id, orgId, provider, name } = account;
  const after = { provider, name, api_key: apiKey === null ? "none" : "set" };
  await noteChange(db, { orgId, actor }, "account.created", ["account", id], { after });
}

/** The changed fields of an account. A field that is left out does not change. */
type AccountFields = {
  readonly name?: string | null | undefined;
  readonly apiKey?: Uint8Array | null | undefined;
  readonly recordingHosts?: readonly string[] | undefined;
};

/**
 * Changes an account, and notes it. Recordings that waited for one of its hosts become due. Returns their number.
 * Throws DbError.
 */
export async function changeAccount(
  db: Change,
  actor: Actor,
  account: Account,
  { name, apiKey, recordingHosts }: AccountFields,
): Promise<number> {
  const { id, orgId } = account;
  await db
    .update(providerAccounts)
    .set({
      name,
      apiKey: apiKey && Buffer.from(apiKey),
      ...(recordingHosts === undefined ? {} : { recordingHosts: [...recordingHosts] }),
      updatedAt: sql`now()`,
    })
    .where(eq(providerAccounts.id, id));
  const before = {
    name: account.name,
    recording_hosts: account.recordingHosts,
    api_key: account.hasApiKey ? "set" : "none",
  };
  const after = {
    name: name === undefined ? before.name : name,
    recording_hosts: recordingHosts ?? before.recording_hosts,
    api_key: apiKeyAfter(account, apiKey),
  };
  await noteChange(db, { orgId, actor }, "account.changed", ["account", id], { before, after });
  return recordingHosts === undefined ? 0 : wakeWaitingRecordings(db, id);
}

/** What the audit says of an account's API key after a change; `null` removes the key. */
function apiKeyAfter({ hasApiKey }: Account, changed: Uint8Array | null | undefined): string {
  if (changed === null) return "none";
  if (changed === undefined) return hasApiKey ? "set" : "none";
  return hasApiKey ? "replaced" : "set";
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
 * Adds a second valid webhook secret; with `null`, only the newest one stays valid. Notes it. `refused`: two secrets
 * are valid already, or only one is. Throws DbError.
 */
export async function changeSecrets(
  db: Change,
  actor: Actor,
  account: Account,
  secret: Uint8Array | null,
): Promise<AccountChange> {
  const changed = await changedSecrets(db, account.id, secret);
  if (changed === "done") await noteSecrets(db, actor, account, secret === null ? "finished" : "rotated");
  return changed;
}

async function changedSecrets(db: Change, id: string, secret: Uint8Array | null): Promise<AccountChange> {
  const sealed = secret === null ? null : Buffer.from(secret);
  const [row] = await db.execute<{ result: AccountChange }>(
    sql`select call_ledger.rotate_account_secret(${id}::uuid, ${sealed}::bytea) as result`,
  );
  return row?.result ?? "missing";
}

/**
 * Adds a new secret, which is valid beside the previous one; older ones become invalid. Notes it. Throws DbError.
 */
export async function rotateAccountSecret(
  db: Change,
  actor: Actor,
  account: Account,
  secret: Uint8Array,
): Promise<void> {
  const { id } = account;
  if ((await changedSecrets(db, id, secret)) === "refused") {
    // Two secrets are valid already, so the older one is removed first.
    await changedSecrets(db, id, null);
    await changedSecrets(db, id, secret);
  }
  await noteSecrets(db, actor, account, "rotated");
}

function noteSecrets(
  db: Change,
  actor: Actor,
  { id, orgId }: Account,
  what: "rotated" | "finished",
): Promise<void> {
  const author = { orgId, actor };
  if (what === "rotated") return noteChange(db, author, "account.secret_rotated", ["account", id]);
  return noteChange(db, author, "account.changed", ["account", id], { after: { older_secret: "removed" } });
}

import { randomBytes, randomUUID } from "node:crypto";
import { newApiKey, secretBox } from "@call-ledger/credentials";
import { addAccount, OPERATOR } from "@call-ledger/db/access";
import { asOperator } from "@call-ledger/db-operator/admin";
import type { Scope } from "@call-ledger/domain";
import type { TestLedger } from "./ledger.ts";

export const ENCRYPTION_KEY = randomBytes(32).toString("base64");

/** Makes a key for the ledger's organization or another one; `null`: a key of the operator. */
export async function makeKey(
  { sql, orgId }: Pick<TestLedger, "sql" | "orgId">,
  options: { readonly scopes?: readonly Scope[]; readonly orgId?: string | null } = {},
): Promise<{ readonly id: string; readonly key: string; readonly bearer: { authorization: string } }> {
  const { key, prefix, hash } = newApiKey();
  const scopes = (options.scopes ?? ["recordings:read"]).join(",");
  const owner = options.orgId === undefined ? orgId : options.orgId;
  const [row] = await sql`insert into api_keys (org_id, prefix, key_hash, scopes)
    values (${owner}, ${prefix}, ${hash}, string_to_array(${scopes}, ',')) returning id`;
  return { id: row?.id, key, bearer: { authorization: `Bearer ${key}` } };
}

export async function makeOrganization({ sql }: TestLedger): Promise<string> {
  const [row] = await sql`insert into organizations (name) values ('next door') returning id`;
  return row?.id;
}

/** Adds an account with this webhook secret to the ledger's organization or to another one. */
export async function makeAccount(
  { database, orgId }: TestLedger,
  secret: string,
  options: {
    readonly orgId?: string;
    readonly verification?: object;
    readonly encryptionKey?: string;
  } = {},
): Promise<string> {
  const id = randomUUID();
  const box = secretBox(options.encryptionKey ?? ENCRYPTION_KEY);
  await asOperator(database.ownerUrl, (db) =>
    addAccount(db, OPERATOR, {
      id,
      orgId: options.orgId ?? orgId,
      provider: "vapi",
      name: null,
      webhookSecret: box.seal(secret, { accountId: id, use: "webhook secret" }),
      apiKey: null,
      verification: options.verification ?? null,
    }),
  );
  return id;
}

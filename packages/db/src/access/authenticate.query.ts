import { ROLES } from "@call-ledger/domain";
import { z } from "zod";
import type { Pool } from "../client/pool.ts";
import { runForOne, sqlFunction } from "../client/run-function.ts";

const keySchema = z.object({
  id: z.string(),
  /** `null`: a key of the operator. */
  orgId: z.string().nullable(),
  name: z.string().nullable(),
  scopes: z.array(z.string()),
});

const sessionSchema = z.object({
  id: z.string(),
  /** `null`: a session of the operator; then `memberId` is null too. */
  orgId: z.string().nullable(),
  memberId: z.string().nullable(),
  name: z.string().nullable(),
  email: z.string().nullable(),
  role: z.enum(ROLES).nullable(),
  /** Whether the session was extended to 30 days from now. */
  renewed: z.boolean(),
});

const usedLinkSchema = z.union([
  z.object({ refusal: z.enum(["link_used", "link_expired", "not_found"]) }),
  z.object({ id: z.string(), orgId: z.string().nullable(), memberId: z.string().nullable() }),
]);

/** The owner and the scopes of an API key. */
export type AuthenticatedKey = Readonly<z.output<typeof keySchema>>;
/** The owner of a session. */
export type AuthenticatedSession = Readonly<z.output<typeof sessionSchema>>;
/** The session that was made from a one-time link, or the reason why none was. */
export type UsedLink = Readonly<z.output<typeof usedLinkSchema>>;

const KEY = sqlFunction("call_ledger.authenticate_key", { hash: "bytea" }, keySchema.nullable());
const SESSION = sqlFunction("call_ledger.authenticate_session", { hash: "bytea" }, sessionSchema.nullable());
const USE_LINK = sqlFunction(
  "call_ledger.use_sign_in_link",
  { hash: "bytea", sessionHash: "bytea", userAgent: "text" },
  usedLinkSchema,
);

/**
 * Looks a key up by the SHA-256 of its text. Returns `null` if there is no such key, or it was revoked. Throws DbError.
 */
export function authenticateKey(
  pool: Pool,
  hash: Uint8Array,
  deadlineMs: number,
): Promise<AuthenticatedKey | null> {
  return pool.run((sql) => runForOne(sql, KEY, { hash }), deadlineMs);
}

/**
 * Looks a session up by the SHA-256 of its token. Returns `null` if there is none, it has expired or was revoked, or
 * its member was removed. Throws DbError.
 */
export function authenticateSession(
  pool: Pool,
  hash: Uint8Array,
  deadlineMs: number,
): Promise<AuthenticatedSession | null> {
  return pool.run((sql) => runForOne(sql, SESSION, { hash }), deadlineMs);
}

/** Creates a session from a one-time link. Both are identified by the SHA-256 of their tokens. Throws DbError. */
export function useSignInLink(
  pool: Pool,
  link: { readonly hash: Uint8Array; readonly sessionHash: Uint8Array; readonly userAgent: string | null },
  deadlineMs: number,
): Promise<UsedLink> {
  return pool.run((sql) => runForOne(sql, USE_LINK, link), deadlineMs);
}

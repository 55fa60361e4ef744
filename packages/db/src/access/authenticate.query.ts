import { ROLES } from "@call-ledger/domain";
import { z } from "zod";
import type { Pool } from "../client/pool.ts";
import { runForOne, sqlFunction } from "../client/run-function.ts";

const keySchema = z.object({
  id: z.string(),
  /** `null`: the operator's. */
  orgId: z.string().nullable(),
  name: z.string().nullable(),
  scopes: z.array(z.string()),
});

const sessionSchema = z.object({
  id: z.string(),
  /** `null`: the operator's, as `memberId`. */
  orgId: z.string().nullable(),
  memberId: z.string().nullable(),
  name: z.string().nullable(),
  email: z.string().nullable(),
  role: z.enum(ROLES).nullable(),
  /** Its end has moved on to 30 days from now. */
  renewed: z.boolean(),
});

const usedLinkSchema = z.union([
  z.object({ refusal: z.enum(["link_used", "link_expired", "not_found"]) }),
  z.object({ id: z.string(), orgId: z.string().nullable(), memberId: z.string().nullable() }),
]);

/** Whose API key it is, and what it may do. */
export type AuthenticatedKey = Readonly<z.output<typeof keySchema>>;
/** Whose session it is. */
export type AuthenticatedSession = Readonly<z.output<typeof sessionSchema>>;
/** The session that a one-time link became, or why it did not. */
export type UsedLink = Readonly<z.output<typeof usedLinkSchema>>;

const KEY = sqlFunction("call_ledger.authenticate_key", { hash: "bytea" }, keySchema.nullable());
const SESSION = sqlFunction("call_ledger.authenticate_session", { hash: "bytea" }, sessionSchema.nullable());
const USE_LINK = sqlFunction(
  "call_ledger.use_sign_in_link",
  { hash: "bytea", sessionHash: "bytea", userAgent: "text" },
  usedLinkSchema,
);

/** Looks a key up by the SHA-256 of its text; `null`: there is no such key, or it was revoked. Throws DbError. */
export function authenticateKey(
  pool: Pool,
  hash: Uint8Array,
  deadlineMs: number,
): Promise<AuthenticatedKey | null> {
  return pool.run((sql) => runForOne(sql, KEY, { hash }), deadlineMs);
}

/**
 * Looks a session up by the SHA-256 of its token; `null`: there is none, it is over or revoked, or its member was
 * removed. Throws DbError.
 */
export function authenticateSession(
  pool: Pool,
  hash: Uint8Array,
  deadlineMs: number,
): Promise<AuthenticatedSession | null> {
  return pool.run((sql) => runForOne(sql, SESSION, { hash }), deadlineMs);
}

/** Makes a session of a one-time link; both are named by the SHA-256 of their tokens. Throws DbError. */
export function useSignInLink(
  pool: Pool,
  link: { readonly hash: Uint8Array; readonly sessionHash: Uint8Array; readonly userAgent: string | null },
  deadlineMs: number,
): Promise<UsedLink> {
  return pool.run((sql) => runForOne(sql, USE_LINK, link), deadlineMs);
}

import { apiKeyHash, SESSION_PREFIX, tokenHash } from "@call-ledger/credentials";
import type { Administration, AuthenticatedKey, AuthenticatedSession } from "@call-ledger/db/access";
import { authenticateKey, authenticateSession, findOrganization } from "@call-ledger/db/access";
import type { Pool } from "@call-ledger/db/client";
import type { Scope } from "@call-ledger/domain";
import { ROLE_SCOPES, SCOPES } from "@call-ledger/domain";
import { reading } from "./ledger-reading.ts";
import type { AuthenticationPorts } from "./mount/authorize.ts";
import type { Caller } from "./mount/caller.ts";

/** Two such queries one after the other still leave time to answer 503 within five seconds. */
const QUESTION_MS = 2_000;

/** Checks credentials against the database at every request, so a revoked one stops immediately in every process. */
export function authenticationOver(
  pool: Pool,
  administration: Administration,
  refused: AuthenticationPorts["refused"],
): AuthenticationPorts {
  return {
    async authenticate({ kind, token }) {
      if (kind === "key") {
        const hash = apiKeyHash(token);
        const key = hash === null ? null : await reading(() => authenticateKey(pool, hash, QUESTION_MS));
        return key === null ? null : { caller: callerOfKey(key), isRenewed: false };
      }
      const hash = tokenHash(token, SESSION_PREFIX);
      const session =
        hash === null ? null : await reading(() => authenticateSession(pool, hash, QUESTION_MS));
      return session === null ? null : { caller: callerOfSession(session), isRenewed: session.renewed };
    },
    async organizationExists(orgId) {
      return (await reading(() => administration.asOperator((db) => findOrganization(db, orgId)))) !== null;
    },
    refused,
  };
}

function callerOfKey({ id, orgId, name, scopes }: AuthenticatedKey): Caller {
  const isOperator = orgId === null;
  return {
    actor: { kind: isOperator ? "operator" : "key", id, name },
    credentialId: id,
    isSession: false,
    isOperator,
    role: null,
    email: null,
    orgId,
    // An operator's key has all scopes, also those that were added after it was made.
    scopes: new Set(isOperator ? SCOPES : SCOPES.filter((scope) => scopes.includes(scope))),
  };
}

/** The caller that a session belongs to. */
export function callerOfSession({ id, orgId, memberId, name, email, role }: AuthenticatedSession): Caller {
  const isOperator = orgId === null;
  const scopes: readonly Scope[] = isOperator ? SCOPES : role === null ? [] : ROLE_SCOPES[role];
  return {
    actor: isOperator
      ? { kind: "operator", id: null, name: null }
      : { kind: "member", id: memberId, name: name ?? email },
    credentialId: id,
    isSession: true,
    isOperator,
    role,
    email,
    orgId,
    scopes: new Set(scopes),
  };
}

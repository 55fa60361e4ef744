import { LINK_PREFIX, newToken, SESSION_PREFIX, tokenHash } from "@call-ledger/credentials";
import type { Administration, SessionOwner } from "@call-ledger/db/access";
import {
  authenticateSession,
  findOrganization,
  listSessions,
  revokeSession,
  useSignInLink,
} from "@call-ledger/db/access";
import type { Pool } from "@call-ledger/db/client";
import { callerOfSession } from "../authentication.ts";
import { reading } from "../ledger-reading.ts";
import { ApiProblem } from "../mount/api-problem.ts";
import type { Caller } from "../mount/caller.ts";
import { endedCookie, sessionCookie } from "../mount/credential.ts";
import type { Handlers } from "../mount/handler.ts";
import { organizationView } from "../organization/organization.handlers.ts";

const QUESTION_MS = 2_000;

export type SignInPorts = {
  readonly reads: Pool;
  readonly administration: Administration;
  /** Whether the service can make test calls, which it does only in development. */
  readonly canSendTestCalls: boolean;
  /** Counts an invalid link from this address. */
  refused(address: string): Promise<void>;
};

/** Handlers for signing in and out, for the caller's own data and sessions. */
export function signInHandlers(
  ports: SignInPorts,
): Pick<Handlers, "signIn" | "signOut" | "getMe" | "listSessions" | "revokeSession"> {
  const { reads, administration } = ports;
  return {
    async signIn({ body, address, userAgent, isSecure, setHeader }) {
      const hash = tokenHash(body.token, LINK_PREFIX);
      const session = newToken(SESSION_PREFIX);
      const used =
        hash === null
          ? { refusal: "not_found" as const }
          : await reading(() =>
              useSignInLink(reads, { hash, sessionHash: session.hash, userAgent }, QUESTION_MS),
            );
      if ("refusal" in used) {
        await ports.refused(address);
        throw REFUSED_LINKS[used.refusal];
      }
      const found = await reading(() => authenticateSession(reads, session.hash, QUESTION_MS));
      if (found === null) throw REFUSED_LINKS.not_found;
      setHeader("set-cookie", sessionCookie(session.token, { secure: isSecure }));
      return me(callerOfSession(found), ports);
    },
    async signOut({ caller, isSecure, setHeader }) {
      if (!caller.isSession) {
        throw new ApiProblem("forbidden", {
          detail: "An API key has no session. DELETE /keys/{key} revokes it.",
        });
      }
      await reading(() => revokeSession(administration, ownerOf(caller), caller.credentialId));
      setHeader("set-cookie", endedCookie({ secure: isSecure }));
      return null;
    },
    getMe: ({ caller }) => me(caller, ports),
    async listSessions({ caller }) {
      if (!caller.isSession) return { data: [] };
      const sessions = await reading(() => listSessions(administration, ownerOf(caller)));
      return {
        data: sessions.map((session) => ({
          id: session.id,
          created_at: session.createdAt.toISOString(),
          last_used_at: session.lastUsedAt.toISOString(),
          expires_at: session.expiresAt.toISOString(),
          user_agent: session.userAgent,
          is_this_one: session.id === caller.credentialId,
        })),
      };
    },
    async revokeSession({ caller, params: { session } }) {
      const isRevoked =
        caller.isSession && (await reading(() => revokeSession(administration, ownerOf(caller), session)));
      if (!isRevoked) throw new ApiProblem("not_found");
      return null;
    },
  };
}

async function me(caller: Caller, { administration, canSendTestCalls }: SignInPorts) {
  const { orgId } = caller;
  const organization =
    orgId === null
      ? null
      : await reading(() => administration.as(orgId, (db) => findOrganization(db, orgId)));
  return {
    kind: caller.actor.kind,
    name: caller.actor.name,
    email: caller.email,
    role: caller.role,
    is_operator: caller.isOperator,
    organization: organization === null ? null : organizationView(organization),
    scopes: [...caller.scopes],
    can_send_test_calls: canSendTestCalls,
  };
}

/** The owner of the caller's sessions; `null`: the operator, whose sessions belong to no organization. */
function ownerOf({ isOperator, orgId, actor }: Caller): SessionOwner {
  return isOperator || orgId === null || actor.id === null ? null : { orgId, memberId: actor.id };
}

const REFUSED_LINKS = {
  link_used: new ApiProblem("link_used", {
    detail: "This link was used before, and a link signs in once. Ask for a new one.",
  }),
  link_expired: new ApiProblem("link_expired", {
    detail: "This link has expired: links are valid for 15 minutes. Ask for a new one.",
  }),
  not_found: new ApiProblem("not_found", { detail: "This link is not valid. Ask for a new one." }),
} as const;

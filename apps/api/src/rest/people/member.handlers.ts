import { LINK_PREFIX, newToken } from "@call-ledger/credentials";
import type { Administration, Change, Member } from "@call-ledger/db/access";
import {
  addSignInLink,
  changeMember,
  hasOtherAdmin,
  inviteMember,
  listMembers,
  removeMember,
} from "@call-ledger/db/access";
import type { Role } from "@call-ledger/domain";
import { ROLE_SCOPES } from "@call-ledger/domain";
import { reading } from "../ledger-reading.ts";
import { ApiProblem } from "../mount/api-problem.ts";
import { missingScope } from "../mount/authorize.ts";
import type { OrganizationCaller } from "../mount/caller.ts";
import type { Handlers } from "../mount/handler.ts";
import type { Refusals } from "../refusals.ts";
import { refusable } from "../refusals.ts";

const REFUSALS: Refusals = {
  members_one_live_email: {
    code: "conflict",
    field: "body.email",
    detail: "A member already has this address. Make a new sign-in link for that member.",
  },
};

/** Handlers for the members of an organization. */
export function memberHandlers(
  administration: Administration,
): Pick<Handlers, "listMembers" | "changeMember" | "removeMember"> {
  const inOrganization = organizationOf(administration);
  return {
    async listMembers({ caller }) {
      const members = await inOrganization(caller, (db) => listMembers(db, caller.orgId));
      return { data: members.map(memberView) };
    },
    async changeMember({ caller, params: { member: id }, body }) {
      if (body.role !== undefined) refuseHigherRole(caller, body.role);
      const changed = await inOrganization(caller, async (db) => {
        const before = await liveMember(db, caller.orgId, id);
        if (before === null) return null;
        if (!mayGive(caller, before.role)) return HIGHER;
        const losesAdmin = before.role === "admin" && body.role !== undefined && body.role !== "admin";
        if (losesAdmin && !(await hasOtherAdmin(db, caller.orgId, id))) return LAST_ADMIN;
        await changeMember(db, caller, before, body);
        return liveMember(db, caller.orgId, id);
      });
      return memberView(changedOrThrow(changed, caller));
    },
    async removeMember({ caller, params: { member: id } }) {
      const removed = await inOrganization(caller, async (db) => {
        const before = await liveMember(db, caller.orgId, id);
        if (before === null) return null;
        if (!mayGive(caller, before.role)) return HIGHER;
        if (before.role === "admin" && !(await hasOtherAdmin(db, caller.orgId, id))) return LAST_ADMIN;
        await removeMember(db, caller.actor, before);
        return before;
      });
      changedOrThrow(removed, caller);
      return null;
    },
  };
}

/** Handlers that invite members and make sign-in links. A link signs in once. */
export function invitationHandlers(
  administration: Administration,
): Pick<Handlers, "inviteMember" | "makeSignInLink"> {
  const inOrganization = organizationOf(administration);
  return {
    async inviteMember({ caller, body, origin }) {
      refuseHigherRole(caller, body.role);
      const { token, hash } = newToken(LINK_PREFIX);
      const { member, expiresAt } = await refusable(REFUSALS, () =>
        inOrganization(caller, async (db) => {
          const { id, expiresAt: end } = await inviteMember(db, caller, body, hash);
          return { member: await liveMember(db, caller.orgId, id), expiresAt: end };
        }),
      );
      if (member === null) throw new ApiProblem("not_found");
      return { member: memberView(member), link: linkView(origin, token, expiresAt) };
    },
    async makeSignInLink({ caller, params: { member: id }, origin }) {
      const { token, hash } = newToken(LINK_PREFIX);
      const made = await inOrganization(caller, async (db) => {
        const member = await liveMember(db, caller.orgId, id);
        if (member === null) return null;
        // With a link for a member with more rights, the caller could sign in as that member.
        if (!mayGive(caller, member.role)) return HIGHER;
        return addSignInLink(db, caller, id, hash);
      });
      if (made === HIGHER) throw higherRole(caller);
      if (made === null) throw new ApiProblem("not_found");
      return linkView(origin, token, made);
    },
  };
}

function organizationOf(administration: Administration) {
  return <T>({ orgId }: OrganizationCaller, work: (db: Change) => Promise<T>) =>
    reading(() => administration.as(orgId, work));
}

async function liveMember(db: Change, orgId: string, id: string): Promise<Member | null> {
  const [member] = await listMembers(db, orgId, id);
  return member ?? null;
}

function changedOrThrow(
  member: Member | typeof LAST_ADMIN | typeof HIGHER | null,
  caller: OrganizationCaller,
): Member {
  if (member === null) throw new ApiProblem("not_found");
  if (member === HIGHER) throw higherRole(caller);
  if (member === LAST_ADMIN) {
    throw new ApiProblem("conflict", {
      detail: "This is the organization's last admin. Make somebody else an admin first.",
    });
  }
  return member;
}

const LAST_ADMIN = "last admin";
/** The member has more rights than the caller, who may neither change nor remove such a member. */
const HIGHER = "higher role";

/** Throws ApiProblem if the role has a scope that the caller lacks. */
function refuseHigherRole(caller: OrganizationCaller, role: Role): void {
  if (!mayGive(caller, role)) throw higherRole(caller, role);
}

function mayGive({ scopes }: OrganizationCaller, role: Role): boolean {
  return ROLE_SCOPES[role].every((scope) => scopes.has(scope));
}

function higherRole(caller: OrganizationCaller, role: Role = "admin"): ApiProblem {
  const missing = ROLE_SCOPES[role].find((scope) => !caller.scopes.has(scope));
  return missingScope(missing ?? "members:write", caller);
}

/** A sign-in link. Its token is in the fragment, which browsers do not send to a server; the console reads it there. */
function linkView(origin: string, token: string, expiresAt: Date) {
  return { url: `${origin}/sign-in#${token}`, expires_at: expiresAt.toISOString() };
}

function memberView({ id, email, name, role, createdAt, lastSeenAt }: Member) {
  return {
    id,
    email,
    name,
    role,
    created_at: createdAt.toISOString(),
    last_seen_at: lastSeenAt?.toISOString() ?? null,
  };
}

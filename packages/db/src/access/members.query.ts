import type { Role } from "@call-ledger/domain";
import { and, asc, eq, isNull, max, sql } from "drizzle-orm";
import { members, sessions, signInLinks } from "../schema/access.table.ts";
import type { Change } from "./administration.ts";
import type { Author } from "./audit.query.ts";
import { noteChange } from "./audit.query.ts";

/** A person who changes the members of an organization. */
type Inviter = Author & { readonly orgId: string };

/** The validity of a one-time link. */
const LINK_MINUTES = 15;

/**
 * Returns the live members of an organization or, with `undefined`, of all, oldest first; with `id` only that one.
 * Throws DbError.
 */
export async function listMembers(db: Change, orgId: string | undefined, id?: string) {
  const rows = await db
    .select({
      id: members.id,
      orgId: members.orgId,
      email: members.email,
      name: members.name,
      role: members.role,
      createdAt: members.createdAt,
      /** The last use of the newest session; `null`: the member has never signed in. */
      lastSeenAt: max(sessions.lastUsedAt),
    })
    .from(members)
    .leftJoin(sessions, and(eq(sessions.orgId, members.orgId), eq(sessions.memberId, members.id)))
    .where(
      and(
        orgId === undefined ? undefined : eq(members.orgId, orgId),
        isNull(members.removedAt),
        id === undefined ? undefined : eq(members.id, id),
      ),
    )
    .groupBy(members.orgId, members.id)
    .orderBy(asc(members.createdAt), asc(members.id));
  // The table's constraint allows only these roles.
  return rows.map((row) => ({ ...row, role: row.role as Role }));
}

/** A person of an organization. */
export type Member = Awaited<ReturnType<typeof listMembers>>[number];

/**
 * Adds a member with a link that signs in once, and notes it. Returns the member's id and when the link expires. Throws
 * DbError with the constraint's name: `members_org_id_fkey`, `members_one_live_email`.
 */
export async function inviteMember(
  db: Change,
  author: Inviter,
  member: { readonly email: string; readonly name: string | null; readonly role: Role },
  tokenHash: Buffer,
): Promise<{ readonly id: string; readonly expiresAt: Date }> {
  const { orgId } = author;
  const [added] = await db
    .insert(members)
    .values({ orgId, ...member })
    .returning({ id: members.id });
  if (added === undefined) throw new Error("insert into members returned no row");
  const { id } = added;
  await noteChange(db, author, "member.invited", ["member", id], { after: member });
  return { id, expiresAt: await addLink(db, { orgId, memberId: id, tokenHash }) };
}

/** Changes a live member, and notes it. */
export async function changeMember(
  db: Change,
  author: Inviter,
  { id, name, role }: Member,
  change: { readonly name?: string | null | undefined; readonly role?: Role | undefined },
): Promise<void> {
  // The id is set to itself, because Drizzle refuses a change without fields.
  await db
    .update(members)
    .set({ id, ...change })
    .where(liveMember(author.orgId, id));
  const before = { name, role };
  await noteChange(db, author, "member.changed", ["member", id], { before, after: { ...before, ...change } });
}

/** Removes a live member, ends its sessions and links, and notes it. */
export async function removeMember(
  db: Change,
  actor: Author["actor"],
  { orgId, id, email, name, role }: Member,
): Promise<void> {
  await db.update(members).set({ removedAt: sql`now()` }).where(liveMember(orgId, id));
  await db
    .update(sessions)
    .set({ revokedAt: sql`now()` })
    .where(and(eq(sessions.orgId, orgId), eq(sessions.memberId, id), isNull(sessions.revokedAt)));
  await endLinks(db, orgId, id);
  const before = { email, name, role };
  await noteChange(db, { orgId, actor }, "member.removed", ["member", id], { before });
}

/**
 * Returns whether another live member is an admin. The admins' rows are locked. So if two admins remove each other's
 * rights at the same time, one stays.
 */
export async function hasOtherAdmin(db: Change, orgId: string, id: string): Promise<boolean> {
  const admins = await db
    .select({ id: members.id })
    .from(members)
    .where(and(eq(members.orgId, orgId), eq(members.role, "admin"), isNull(members.removedAt)))
    .orderBy(asc(members.id))
    .for("update");
  return admins.some((admin) => admin.id !== id);
}

/** Stores a one-time link of a member, makes its older links invalid, and notes it. Returns when the link expires. */
export async function addSignInLink(
  db: Change,
  author: Inviter,
  memberId: string,
  tokenHash: Buffer,
): Promise<Date> {
  const { orgId } = author;
  await noteChange(db, author, "member.link_made", ["member", memberId]);
  await endLinks(db, orgId, memberId);
  return addLink(db, { orgId, memberId, tokenHash });
}

/** Stores a one-time link of the operator. Returns when the link expires. Throws DbError. */
export function addOperatorLink(db: Change, tokenHash: Buffer): Promise<Date> {
  return addLink(db, { tokenHash });
}

async function addLink(
  db: Change,
  link: { readonly orgId?: string; readonly memberId?: string; readonly tokenHash: Buffer },
): Promise<Date> {
  const [added] = await db
    .insert(signInLinks)
    .values({ ...link, expiresAt: sql`now() + ${`${LINK_MINUTES} minutes`}::interval` })
    .returning({ expiresAt: signInLinks.expiresAt });
  if (added === undefined) throw new Error("insert into sign_in_links returned no row");
  return added.expiresAt;
}

async function endLinks(db: Change, orgId: string, memberId: string): Promise<void> {
  await db
    .update(signInLinks)
    .set({ expiresAt: sql`least(${signInLinks.expiresAt}, now())` })
    .where(and(eq(signInLinks.orgId, orgId), eq(signInLinks.memberId, memberId), isNull(signInLinks.usedAt)));
}

function liveMember(orgId: string, id: string) {
  return and(eq(members.orgId, orgId), eq(members.id, id), isNull(members.removedAt));
}

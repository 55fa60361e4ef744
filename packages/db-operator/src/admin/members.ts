import type { Member as MemberOfOrganization } from "@call-ledger/db/access";
import type { Role } from "@call-ledger/domain";
import type { Owner } from "../owner.ts";

/** A live member, with its organization. */
export type Member = MemberOfOrganization & { readonly orgId: string };

export type MemberToInvite = {
  readonly orgId: string;
  readonly email: string;
  readonly name: string | null;
  readonly role: Role;
  /** The SHA-256 of the one-time link's token. */
  readonly tokenHash: Uint8Array;
};

/**
 * Adds a member with a link that signs in once. If the address is that of a live member, the member gets a new link and
 * keeps the role. Throws DbError with the constraint's name: `members_org_id_fkey`.
 */
export function inviteMember(
  owner: Owner,
  { orgId, email, name, role, tokenHash }: MemberToInvite,
): Promise<{ readonly id: string; readonly isNew: boolean; readonly expiresAt: Date }> {
  return owner.run(async (tx) => {
    const [added] = await tx<{ id: string }[]>`
        insert into members (org_id, email, name, role) values (${orgId}, ${email}, ${name}, ${role})
        on conflict (org_id, lower(email)) where removed_at is null do nothing returning id`;
    const [known] = await tx<{ id: string }[]>`
        select id from members where org_id = ${orgId} and lower(email) = lower(${email}) and removed_at is null`;
    if (known === undefined) throw new Error("the member that was added is not there");
    await tx`update sign_in_links set expires_at = least(expires_at, now())
        where org_id = ${orgId} and member_id = ${known.id} and used_at is null`;
    const [link] = await tx<{ expiresAt: Date }[]>`
        insert into sign_in_links (org_id, member_id, token_hash, expires_at)
        values (${orgId}, ${known.id}, ${Buffer.from(tokenHash)}, now() + interval '15 minutes')
        returning expires_at as "expiresAt"`;
    if (link === undefined) throw new Error("insert into sign_in_links returned no row");
    await tx`insert into audit_entries (org_id, actor_kind, action, object_kind, object_id, after)
        values (${orgId}, 'operator', ${added === undefined ? "member.link_made" : "member.invited"}, 'member',
          ${known.id}, ${JSON.stringify({ email, name, role })}::text::jsonb)`;
    return { id: known.id, isNew: added !== undefined, expiresAt: link.expiresAt };
  });
}

/** Returns the live members of one organization or of all, oldest first. Throws DbError. */
export function listMembers(owner: Owner, orgId?: string): Promise<Member[]> {
  return owner.run(
    (sql) => sql<Member[]>`
      select m.id, m.org_id as "orgId", m.email, m.name, m.role, m.created_at as "createdAt",
        max(s.last_used_at) as "lastSeenAt"
      from members m left join sessions s on s.org_id = m.org_id and s.member_id = m.id
      where m.removed_at is null and ${orgId === undefined ? sql`true` : sql`m.org_id = ${orgId}`}
      group by m.org_id, m.id order by m.created_at, m.id`,
  );
}

/** Removes a live member and ends the member's sessions; returns `null` if there is none. Throws DbError. */
export function removeMember(owner: Owner, id: string): Promise<Pick<Member, "id" | "email"> | null> {
  return owner.run(async (tx) => {
    const [removed] = await tx<{ id: string; orgId: string; email: string; role: string }[]>`
        update members set removed_at = now() where id = ${id} and removed_at is null
        returning id, org_id as "orgId", email, role`;
    if (removed === undefined) return null;
    await tx`update sessions set revoked_at = now()
        where org_id = ${removed.orgId} and member_id = ${id} and revoked_at is null`;
    await tx`insert into audit_entries (org_id, actor_kind, action, object_kind, object_id, before)
        values (${removed.orgId}, 'operator', 'member.removed', 'member', ${id},
          ${JSON.stringify({ email: removed.email, role: removed.role })}::text::jsonb)`;
    return { id: removed.id, email: removed.email };
  });
}

/** Stores a link that signs the operator in once, by the SHA-256 of its token. Returns its end. Throws DbError. */
export async function addOperatorLink(owner: Owner, tokenHash: Uint8Array): Promise<Date> {
  const [link] = await owner.run(
    (sql) => sql<{ expiresAt: Date }[]>`
      insert into sign_in_links (token_hash, expires_at)
      values (${Buffer.from(tokenHash)}, now() + interval '15 minutes') returning expires_at as "expiresAt"`,
  );
  if (link === undefined) throw new Error("insert into sign_in_links returned no row");
  return link.expiresAt;
}

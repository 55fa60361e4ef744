import { and, desc, eq, isNull, sql } from "drizzle-orm";
import { z } from "zod";
import { document } from "../read/columns.ts";
import { instantText, pageIn, placeOf } from "../read/keyset.ts";
import { auditEntries } from "../schema/access.table.ts";
import type { Administration, Change } from "./administration.ts";
import type { Actor } from "./audit.query.ts";

const objectId = sql`(case when ${auditEntries.objectId} ~ '^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$'
  then ${auditEntries.objectId}::uuid end)`;

const objectName = sql<string | null>`case ${auditEntries.objectKind}
  when 'member' then (select coalesce(m.name, m.email) from public.members m where m.id = ${objectId})
  when 'key' then (select coalesce(k.name, k.prefix) from public.api_keys k where k.id = ${objectId})
  when 'agent' then (
    select coalesce(a.name, a.provider_agent_id) from public.agents a where a.id = ${objectId})
  when 'account' then (
    select coalesce(a.name, a.provider) from public.provider_accounts a where a.id = ${objectId})
  when 'alert_channel' then (
    select coalesce(c.name, c.host) from public.alert_channels c where c.id = ${objectId})
  when 'organization' then (select o.name from public.organizations o where o.id = ${objectId})
  end`;

const place = z.tuple([z.literal("audit"), instantText, z.uuid()]);

/**
 * Returns the entries of an organization or, with `null`, those of none, newest first. Throws CursorRefused and
 * DbError.
 */
export async function listAudit(
  administration: Administration,
  orgId: string | null,
  { limit, cursor }: { readonly limit: number; readonly cursor?: string | undefined },
) {
  const after = cursor === undefined ? null : placeOf(place, cursor);
  const select = (db: Change) =>
    db
      .select({
        id: auditEntries.id,
        at: auditEntries.at,
        place: sql<string>`${auditEntries.at}::text`,
        actorKind: auditEntries.actorKind,
        actorId: auditEntries.actorId,
        actorName: auditEntries.actorName,
        action: auditEntries.action,
        objectKind: auditEntries.objectKind,
        objectId: auditEntries.objectId,
        /** The present name; `null` for a call, whose rows this role does not see. */
        objectName,
        before: document(auditEntries.before),
        after: document(auditEntries.after),
      })
      .from(auditEntries)
      .where(
        and(
          orgId === null ? isNull(auditEntries.orgId) : eq(auditEntries.orgId, orgId),
          after === null
            ? undefined
            : sql`(${auditEntries.at}, ${auditEntries.id}) < (${after[1]}::timestamptz, ${after[2]}::uuid)`,
        ),
      )
      .orderBy(desc(auditEntries.at), desc(auditEntries.id))
      .limit(limit + 1);
  const rows = await (orgId === null ? administration.asOperator(select) : administration.as(orgId, select));
  const { rows: page, nextCursor } = pageIn(rows, limit, (last) => ["audit", last.place, last.id]);
  const entries = page.map(({ id, at, action, before, after, ...row }) => ({
    id,
    at,
    // The table's constraint allows only these kinds.
    actor: { kind: row.actorKind as Actor["kind"], id: row.actorId, name: row.actorName },
    action,
    object: { kind: row.objectKind, id: row.objectId, name: row.objectName },
    before,
    after,
  }));
  return { entries, nextCursor };
}

/** An entry of the audit, as it is read. */
export type AuditEntry = Awaited<ReturnType<typeof listAudit>>["entries"][number];

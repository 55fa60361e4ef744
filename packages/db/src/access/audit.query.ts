import { auditEntries } from "../schema/access.table.ts";
import type { Change } from "./administration.ts";

/** A change by somebody, as the audit keeps it. */
export type AuditedChange = {
  /** `null`: of the installation. */
  readonly orgId: string | null;
  readonly actor: {
    readonly kind: "member" | "key" | "operator" | "system";
    readonly id: string | null;
    readonly name: string | null;
  };
  /** Such as `member.invite`. */
  readonly action: string;
  readonly object: { readonly kind: string; readonly id: string | null };
  /** What was changed, as it was and as it is, without secrets; left out where there was nothing. */
  readonly before?: unknown;
  readonly after?: unknown;
};

/** Adds an entry to the audit, in the transaction of the change itself. Throws DbError. */
export async function noteChange(
  db: Change,
  { orgId, actor, action, object, ...values }: AuditedChange,
): Promise<void> {
  await db.insert(auditEntries).values({
    orgId,
    actorKind: actor.kind,
    actorId: actor.id,
    actorName: actor.name,
    action,
    objectKind: object.kind,
    objectId: object.id,
    before: values.before ?? null,
    after: values.after ?? null,
  });
}

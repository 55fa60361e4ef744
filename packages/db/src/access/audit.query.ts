import { auditEntries } from "../schema/access.table.ts";
import type { Change } from "./administration.ts";

/** A change and its author, as the audit stores it. */
export type AuditedChange = {
  /** `null`: a change of the installation. */
  readonly orgId: string | null;
  readonly actor: {
    readonly kind: "member" | "key" | "operator" | "system";
    readonly id: string | null;
    readonly name: string | null;
  };
  /** A name such as `member.invite`. */
  readonly action: string;
  readonly object: { readonly kind: string; readonly id: string | null };
  /** The changed object before and after, without secrets. Left out if there was none. */
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

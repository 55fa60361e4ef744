import type { Json } from "@call-ledger/domain";
import { auditEntries } from "../schema/access.table.ts";
import type { Change } from "./administration.ts";

/** Who changes something. */
export type Author = {
  readonly kind: "member" | "key" | "operator" | "system";
  readonly id: string | null;
  readonly name: string | null;
};

/** What was changed, as it was and as it is; without secrets. `orgId` null: of the installation. */
export type AuditNote = {
  readonly orgId: string | null;
  readonly author: Author;
  /** Such as `call.changed`. */
  readonly action: string;
  readonly object: { readonly kind: string; readonly id: string | null };
  readonly before: Json;
  readonly after: Json;
};

/** Adds an entry to the audit, in the transaction of the change that it tells of. */
export async function addAuditEntry(db: Change, { orgId, author, action, object, before, after }: AuditNote) {
  await db.insert(auditEntries).values({
    orgId,
    actorKind: author.kind,
    actorId: author.id,
    actorName: author.name,
    action,
    objectKind: object.kind,
    objectId: object.id,
    before,
    after,
  });
}

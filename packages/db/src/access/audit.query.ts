import type { AuditAction } from "@call-ledger/domain";
import { auditEntries } from "../schema/access.table.ts";
import type { Change } from "./administration.ts";

/** The author of a change. */
export type Actor = {
  readonly kind: "member" | "key" | "operator" | "system";
  readonly id: string | null;
  readonly name: string | null;
};

/** The author of the changes that the operator makes with commands. */
export const OPERATOR: Actor = { kind: "operator", id: null, name: null };

/** Who changes something, and for which organization; `null`: for the installation. */
export type Author = { readonly orgId: string | null; readonly actor: Actor };

/**
 * Adds an entry to the audit, in the transaction of the change itself. `before` and `after` describe the changed
 * object, without secrets; they are left out if there was none, and long texts are cut. Throws DbError.
 */
export async function noteChange(
  db: Change,
  { orgId, actor }: Author,
  action: AuditAction,
  [objectKind, objectId]: readonly [kind: string, id: string | null],
  { before = null, after = null }: { readonly before?: unknown; readonly after?: unknown } = {},
): Promise<void> {
  await db.insert(auditEntries).values({
    orgId,
    actorKind: actor.kind,
    actorId: actor.id,
    actorName: actor.name,
    action,
    objectKind,
    objectId,
    before: shortened(before),
    after: shortened(after),
  });
}

/** The max length of a text in an entry, because entries are never changed and not soon deleted. */
const MAX_TEXT = 500;

function shortened(value: unknown): unknown {
  const cut = (_name: string, inner: unknown) =>
    typeof inner === "string" && inner.length > MAX_TEXT
      ? `${inner.slice(0, MAX_TEXT).toWellFormed()}…`
      : inner;
  return value === null ? null : JSON.parse(JSON.stringify(value, cut));
}

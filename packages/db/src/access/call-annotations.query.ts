import { and, eq } from "drizzle-orm";
import { callAnnotations } from "../schema/access.table.ts";
import { callChanges } from "../schema/changes.table.ts";
import type { Change } from "./administration.ts";
import type { Actor } from "./audit.query.ts";
import { noteChange } from "./audit.query.ts";

/** A change of a call's annotations. A field that is left out does not change; `null` removes the value. */
export type AnnotationChange = {
  readonly tags?: readonly string[] | undefined;
  readonly note?: string | null | undefined;
  readonly externalRef?: string | null | undefined;
  readonly externalUrl?: string | null | undefined;
};

const EMPTY = { tags: [] as string[], note: null, externalRef: null, externalUrl: null };

/**
 * Changes the annotations of a call, and notes the change for the audit and the streams. A change without a difference
 * is not noted.
 */
export async function annotateCall(
  db: Change,
  { orgId, callId, author }: { readonly orgId: string; readonly callId: string; readonly author: Actor },
  change: AnnotationChange,
): Promise<void> {
  const key = and(eq(callAnnotations.orgId, orgId), eq(callAnnotations.callId, callId));
  await db.insert(callAnnotations).values({ orgId, callId }).onConflictDoNothing();
  const [row] = await db
    .select({
      tags: callAnnotations.tags,
      note: callAnnotations.note,
      externalRef: callAnnotations.externalRef,
      externalUrl: callAnnotations.externalUrl,
    })
    .from(callAnnotations)
    .where(key)
    .for("no key update");
  const before = row ?? EMPTY;
  const given = Object.fromEntries(Object.entries(change).filter(([, value]) => value !== undefined));
  const after = { ...before, ...given };
  if (JSON.stringify(before) === JSON.stringify(after)) return;
  await db
    .update(callAnnotations)
    .set({ ...after, updatedAt: new Date(), updatedBy: author.name })
    .where(key);
  const changed = Object.keys(given).filter(
    (field) => JSON.stringify(Reflect.get(before, field)) !== JSON.stringify(Reflect.get(after, field)),
  );
  const only = (values: object) =>
    Object.fromEntries(changed.map((field) => [field, Reflect.get(values, field)]));
  await noteChange(db, { orgId, actor: author }, "call.changed", ["call", callId], {
    before: only(before),
    after: only(after),
  });
  await db.insert(callChanges).values({ orgId, callId }).onConflictDoNothing();
}

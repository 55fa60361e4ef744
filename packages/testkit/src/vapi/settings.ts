import type { JsonObject } from "./snapshots.ts";

/** The newest objects of a kind, as many as `limit` asks for (100 by default), each with its id. */
export function listObjects(objects: ReadonlyMap<string, JsonObject>, { searchParams }: URL): JsonObject[] {
  const limit = Number(searchParams.get("limit") ?? 100);
  return [...objects].map(([id, fields]) => ({ id, ...fields })).slice(0, limit);
}

/** One object, changed by `fields` where they are given: a field is replaced as a whole. `null`: there is no such object. */
export function editObject(
  objects: Map<string, JsonObject>,
  id: string,
  fields: JsonObject | null,
): JsonObject | null {
  const found = objects.get(id);
  if (found === undefined) return null;
  const changed = { ...found, ...fields };
  objects.set(id, changed);
  return { id, ...changed };
}

import type { Channel } from "@call-ledger/domain";
import type { WorkerSession } from "./worker-session.ts";

/** A stored object and what its key names. */
export type KeyedObject = {
  readonly path: string;
  readonly orgId: string;
  readonly callId: string;
  readonly channel: Channel;
};

/**
 * What the ledger knows of an object:
 * - `linked`: a recording of its call is stored under its path
 * - `awaited`: its upload job waits or is being worked on; an attempt may take it over
 * - `left`: its upload job has ended without it
 * - `unknown`: the ledger has the organization, but no such call or upload job
 * - `foreign`: the ledger does not have the organization
 */
export type ObjectVerdict = "linked" | "awaited" | "left" | "unknown" | "foreign";

/** The verdict on each object, in their order. Throws DbError. */
export async function judgeObjects(
  session: WorkerSession,
  objects: readonly KeyedObject[],
): Promise<ObjectVerdict[]> {
  const column = (value: (object: KeyedObject) => string) => objects.map(value).join(",");
  const [row] = await session.run((sql) =>
    sql.unsafe(
      `select array_to_json(call_ledger.judge_objects(string_to_array($1, ',')::uuid[], string_to_array($2, ',')::uuid[],
         string_to_array($3, ','), string_to_array($4, ',')))::text as verdicts`,
      [
        column(({ orgId }) => orgId),
        column(({ callId }) => callId),
        column(({ channel }) => channel),
        column(({ path }) => path),
      ],
    ),
  );
  return JSON.parse(String(row?.verdicts)) ?? [];
}

/**
 * Judges an object again, right before it is removed. Where it is `left`, nothing can be linked to its upload job for
 * `seconds`, or until `freeObject`. Throws DbError.
 */
export async function holdObject(
  session: WorkerSession,
  { orgId, callId, channel, path }: KeyedObject,
  seconds: number,
): Promise<ObjectVerdict> {
  const [row] = await session.run((sql) =>
    sql.unsafe(
      "select call_ledger.hold_object($1::text::uuid, $2::text::uuid, $3::text, $4::text, $5::int) as verdict",
      [orgId, callId, channel, path, seconds],
    ),
  );
  return row?.verdict;
}

/** Recordings may be linked to the object's upload job again. Throws DbError. */
export async function freeObject(
  session: WorkerSession,
  { orgId, callId, channel }: KeyedObject,
): Promise<void> {
  await session.run((sql) =>
    sql.unsafe("select call_ledger.free_object($1::text::uuid, $2::text::uuid, $3::text)", [
      orgId,
      callId,
      channel,
    ]),
  );
}

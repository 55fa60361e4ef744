import type { Channel } from "@call-ledger/domain";
import { z } from "zod";
import { runForOne, sqlFunction } from "../client/run-function.ts";
import type { WorkerSession } from "./worker-session.ts";

/** A stored object and the parts of its key. */
export type KeyedObject = {
  readonly path: string;
  readonly orgId: string;
  readonly callId: string;
  readonly channel: Channel;
};

/**
 * The state of an object in the ledger:
 * - `linked`: a recording of its call is stored under its path, or its waveform is
 * - `awaited`: its upload job waits or is being worked on; an attempt may use the object
 * - `left`: its upload job has ended without it
 * - `unknown`: the ledger has the organization, but no such call or upload job
 * - `foreign`: the ledger does not have the organization
 */
export type ObjectVerdict = z.output<typeof verdictSchema>;

const verdictSchema = z.enum(["linked", "awaited", "left", "unknown", "foreign"]);

const JUDGE_OBJECTS = sqlFunction(
  "call_ledger.judge_objects",
  { orgIds: "uuid[]", callIds: "uuid[]", channels: "text[]", paths: "text[]" },
  z.array(verdictSchema).nullable(),
);

const NAMES_OBJECT = { objectOrgId: "uuid", objectCallId: "uuid", objectChannel: "text" } as const;

const HOLD_OBJECT = sqlFunction(
  "call_ledger.hold_object",
  { ...NAMES_OBJECT, path: "text", holdSeconds: "integer" },
  verdictSchema,
);

const FREE_OBJECT = sqlFunction("call_ledger.free_object", NAMES_OBJECT, z.unknown());

/** Returns the verdict on each object, in the same order. Throws DbError. */
export async function judgeObjects(
  session: WorkerSession,
  objects: readonly KeyedObject[],
): Promise<ObjectVerdict[]> {
  const verdicts = await session.run((sql) =>
    runForOne(sql, JUDGE_OBJECTS, {
      orgIds: objects.map(({ orgId }) => orgId),
      callIds: objects.map(({ callId }) => callId),
      channels: objects.map(({ channel }) => channel),
      paths: objects.map(({ path }) => path),
    }),
  );
  return verdicts ?? [];
}

/**
 * Judges an object again, right before it is removed. If it is `left`, nothing can be linked to its upload job for
 * `holdSeconds` seconds, or until `freeObject`. Throws DbError.
 */
export function holdObject(
  session: WorkerSession,
  object: KeyedObject,
  holdSeconds: number,
): Promise<ObjectVerdict> {
  const values = { ...named(object), path: object.path, holdSeconds };
  return session.run((sql) => runForOne(sql, HOLD_OBJECT, values));
}

/** Allows links to the object's upload job again. Throws DbError. */
export async function freeObject(session: WorkerSession, object: KeyedObject): Promise<void> {
  await session.run((sql) => runForOne(sql, FREE_OBJECT, named(object)));
}

function named({ orgId, callId, channel }: KeyedObject) {
  return { objectOrgId: orgId, objectCallId: callId, objectChannel: channel };
}

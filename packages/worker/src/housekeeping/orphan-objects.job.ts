import type { KeyedObject, ObjectVerdict } from "@call-ledger/db/jobs";
import { freeObject, holdObject, judgeObjects } from "@call-ledger/db/jobs";
import type { ListedObject } from "@call-ledger/storage";
import { KEY_PREFIX, NotOffered, objectOwner } from "@call-ledger/storage";
import type { HousekeepingJob, HousekeepingTurn } from "./housekeeping-job.ts";

const DAY_MS = 86_400_000;
/** Longer than any upload. */
const LEFT_MS = DAY_MS;
/**
 * After a restore from a backup, the object may be the only part of a call that is left. Its owner gets a week to
 * notice.
 */
const UNKNOWN_MS = 7 * DAY_MS;
/** Longer than all attempts to remove one object together. */
const HOLD_SECONDS = 300;

type Found = ListedObject & KeyedObject;

/**
 * Removes objects that no recording links as its audio or its waveform: after a day those that a given-up upload left,
 * and after a week those of calls that the ledger no longer has. Also removes the bytes of uploads that never became an
 * object. A listing is old when it is read, so each object is checked again, and held, right before its removal. Keys
 * that are not ours, and organizations that are not in this ledger, are left alone.
 */
export const orphanObjects: HousekeepingJob = {
  name: "orphan_objects",
  everySeconds: 86_400,
  async run(turn) {
    const counts = { linked: 0, awaited: 0, left: 0, unknown: 0, foreign: 0, removed: 0, removed_bytes: 0 };
    const listing = await offered(async () => {
      for await (const page of turn.storage.list(KEY_PREFIX)) {
        turn.signal.throwIfAborted();
        const found = page.flatMap((object) => keyed(object));
        counts.foreign += page.length - found.length;
        const verdicts = found.length === 0 ? [] : await judgeObjects(turn.session, found);
        for (const [place, object] of found.entries()) {
          const verdict = verdicts[place] ?? "foreign";
          if (isOrphan(verdict, object, turn) && (await removed(object, turn))) {
            counts.removed += 1;
            counts.removed_bytes += object.sizeBytes;
          } else counts[verdict] += 1;
        }
      }
    });
    let abandoned = 0;
    const uploads = await offered(async () => {
      abandoned = await turn.storage.removeAbandoned({
        prefix: KEY_PREFIX,
        begunBefore: turn.now() - LEFT_MS,
        isOurs: (key) => objectOwner(key) !== null,
      });
    });
    return {
      result: { ...counts, abandoned_uploads: abandoned, not_offered: listing ?? uploads },
      changed: counts.removed + abandoned,
      alert:
        listing === null ? null : `Orphan objects cannot be found: the storage does not offer ${listing}`,
    };
  },
};

function keyed(object: ListedObject): Found[] {
  const owner = objectOwner(object.key);
  return owner === null ? [] : [{ ...object, ...owner, path: object.key }];
}

function isOrphan(
  verdict: ObjectVerdict,
  { modifiedAt }: Found,
  { now }: Pick<HousekeepingTurn, "now">,
): boolean {
  const graceMs = verdict === "left" ? LEFT_MS : verdict === "unknown" ? UNKNOWN_MS : null;
  return graceMs !== null && now() - modifiedAt > graceMs;
}

/** Returns whether the object was still an orphan and is removed now. */
async function removed(object: Found, turn: HousekeepingTurn): Promise<boolean> {
  turn.signal.throwIfAborted();
  const verdict = await holdObject(turn.session, object, HOLD_SECONDS);
  if (!isOrphan(verdict, object, turn)) return false;
  // If this throws, the removal may still be running in the storage. So the hold is kept until it expires.
  await turn.storage.remove(object.path);
  await freeObject(turn.session, object);
  return true;
}

/** Returns the operation that the storage does not offer, in its words; `null` if it offers all. */
async function offered(work: () => Promise<void>): Promise<string | null> {
  try {
    await work();
    return null;
  } catch (error) {
    if (error instanceof NotOffered) return error.message;
    throw error;
  }
}

import type { LedgerStatus } from "@call-ledger/db/status";
import type { Log } from "@call-ledger/process";

/** Above this share of the database's limit, payloads are not stored any more. Events need the rest. */
const FULL_SHARE = 0.9;
/** Below this share they are stored again. It is smaller, so that a size at the limit is not logged again and again. */
const ROOM_SHARE = 0.88;
const LOOK_EVERY_MS = 5_000;

/**
 * Whether there is room for payloads, by the size that was read last. If that size is older than five seconds, the
 * function also begins to read it again, but does not wait for it. Until a size is known there is room. `status`
 * returns `null` if the database does not answer, and does not throw.
 */
export function databaseRoom(
  status: () => Promise<Pick<LedgerStatus, "databaseSizeMb"> | null>,
  limitMb: number,
  log: Log,
  now = () => performance.now(),
): () => boolean {
  let hasRoom = true;
  let lookedAt = Number.NEGATIVE_INFINITY;
  const look = async (): Promise<void> => {
    const size = (await status())?.databaseSizeMb;
    if (size === undefined) return;
    const fields = { database_size_mb: size, limit_mb: limitMb };
    if (hasRoom && size > limitMb * FULL_SHARE) {
      hasRoom = false;
      log.error(
        fields,
        "CRITICAL: the database is nearly full: events are stored, the payloads of booked deliveries are not",
      );
    } else if (!hasRoom && size < limitMb * ROOM_SHARE) {
      hasRoom = true;
      log.info(fields, "The database has room again: payloads are stored");
    }
  };
  return () => {
    if (now() - lookedAt >= LOOK_EVERY_MS) {
      lookedAt = now();
      void look();
    }
    return hasRoom;
  };
}

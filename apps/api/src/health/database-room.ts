import type { LedgerStatus } from "@call-ledger/db/status";
import { FULL_SHARE } from "@call-ledger/domain";
import type { Log } from "@call-ledger/process";

/**
 * Below this share of the limit payloads are stored again. It is smaller than FULL_SHARE, so that a size at the limit
 * is not logged again and again.
 */
const ROOM_SHARE = 0.88;
const READ_EVERY_MS = 5_000;

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
  let readAt = Number.NEGATIVE_INFINITY;
  const readSize = async (): Promise<void> => {
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
    if (now() - readAt >= READ_EVERY_MS) {
      readAt = now();
      void readSize();
    }
    return hasRoom;
  };
}

import type { LedgerStatus } from "@call-ledger/db/status";
import type { Log } from "@call-ledger/process";

/** How full the database may be for payloads to be stored, as a share of its limit. Events need the rest. */
const FULL_SHARE = 0.9;
/** A little less than that, so that a size at the bound is not told again and again. */
const ROOM_SHARE = 0.88;
const LOOK_EVERY_MS = 5_000;

/**
 * Whether there is room for payloads, by the size that was seen last. Whoever asks begins a look at the size, unless the
 * last one is younger than five seconds, and does not wait for it. Until a size is known there is room. `status` gives
 * `null` if the database does not answer, and does not throw.
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

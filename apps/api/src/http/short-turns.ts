import type { RequestListener } from "node:http";
import { loopTurns } from "@call-ledger/ingest";

/** New requests block the event loop for at most this time plus the longest one. */
const MAX_TURN_MS = 20;
/** A waiting request keeps up to 64 KB that came with its headers. One more begins at once. */
const MAX_WAITING = 1_000;

/**
 * Begins requests as long as the event loop has time for them, the others in later turns. Otherwise the loop would
 * begin the first requests of thousands of new connections in one turn. `/health/live` does not wait.
 */
export function shortTurns(app: RequestListener): RequestListener {
  const inTurn = loopTurns({ now: () => performance.now(), nextTurn: setImmediate }, MAX_TURN_MS);
  let waiting = 0;
  return (req, res) => {
    if (waiting >= MAX_WAITING || req.url === "/health/live") return app(req, res);
    waiting += 1;
    void inTurn("", () => {
      waiting -= 1;
      if (!res.destroyed) app(req, res);
    });
  };
}

import type { Log, Repeating } from "@call-ledger/process";
import { outageLog, repeating } from "@call-ledger/process";

/** Two rounds fit into the five seconds within which a waiting delivery has to be booked. */
const PAUSE_MS = 2_000;

/**
 * Books deliveries that waited in quarantine for their agent, again and again. Each round asks the database what waits.
 * So any number of processes can do it, and a process that was down misses nothing.
 */
export function sweepWaiting(replay: () => Promise<number>, log: Log): Repeating {
  const outage = outageLog(log, "Waiting deliveries cannot be booked at the moment");
  return repeating(async () => {
    try {
      const booked = await replay();
      if (booked > 0) log.info({ booked }, "Waiting deliveries booked");
      outage.worked();
      return booked > 0 ? 0 : PAUSE_MS;
    } catch (error) {
      outage.failed(error);
      return PAUSE_MS;
    }
  });
}

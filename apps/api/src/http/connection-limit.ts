import type { Server } from "node:http";
import type { Log } from "@call-ledger/process";
import { onceASecond } from "@call-ledger/process";

/** An idle connection costs 13 KB, so 4,000 take about 50 MB. */
export const MAX_CONNECTIONS = 4_000;

/** Closes and logs new connections beyond `max`, so that idle connections leave memory for senders. */
export function limitConnections(server: Server, log: Log, max: number): void {
  const logDrop = onceASecond((fields) =>
    log.error({ ...fields, max }, "CRITICAL: there are too many connections, new ones are closed"),
  );
  server.maxConnections = max;
  server.on("drop", () => logDrop({}));
}

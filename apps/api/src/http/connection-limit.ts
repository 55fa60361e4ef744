import type { Server } from "node:http";
import type { Log } from "@call-ledger/process";
import { onceASecond } from "@call-ledger/process";

/** An idle connection costs 13 KB, so that these take 50 MB. */
const MAX_CONNECTIONS = 4_000;

/** Closes connections beyond `max` as they come, so that many idle ones take no memory of those who send, and logs it. */
export function limitConnections(server: Server, log: Log, max = MAX_CONNECTIONS): void {
  const tell = onceASecond((fields) =>
    log.error({ ...fields, max }, "CRITICAL: there are too many connections, new ones are closed"),
  );
  server.maxConnections = max;
  server.on("drop", () => tell({}));
}

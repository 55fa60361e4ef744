import type { IncomingMessage, Server, ServerResponse } from "node:http";
import type { Log } from "@call-ledger/process";
import { repeating } from "@call-ledger/process";
import type { Readiness } from "../health/readiness.ts";

/** Longer than the longest booking; platforms kill after 30 s. */
const REQUESTS_MS = 10_000;
const POOLS_MS = 3_000;
const POLL_MS = 50;

export type ShutdownPorts = {
  readonly server: Server;
  readonly readiness: Readiness;
  /** Ends what runs beside the server, within about `graceMs`. */
  release(graceMs: number): Promise<void>;
  readonly log: Log;
};

/**
 * How the server stops: it is not ready any more and takes no new connections, what has begun is finished (within
 * 10 s), pools are drained.
 */
export function shutdownOf({ server, readiness, release, log }: ShutdownPorts): () => Promise<void> {
  const sayClose = closingReplies(server);
  return async () => {
    readiness.stopping = true;
    sayClose();
    const finished = await closeServer(server);
    await release(POOLS_MS);
    if (finished) log.info({}, "Stopped");
    else log.warn({}, "Stopped before all requests were finished");
  };
}

/** Returns what makes every reply that has not been begun yet, and all later ones, end its connection. */
function closingReplies(server: Server): () => void {
  const open = new Set<ServerResponse>();
  let closing = false;
  server.prependListener("request", (_req: IncomingMessage, res: ServerResponse) => {
    if (closing) res.setHeader("connection", "close");
    open.add(res);
    res.once("close", () => open.delete(res));
  });
  return () => {
    closing = true;
    for (const res of open) if (!res.headersSent) res.setHeader("connection", "close");
  };
}

/** Resolves with whether all requests were answered in time; the others are cut off. */
function closeServer(server: Server): Promise<boolean> {
  return new Promise((resolve) => {
    const limit = setTimeout(() => {
      server.closeAllConnections();
      done(false);
    }, REQUESTS_MS);
    const done = (finished: boolean) => {
      void poll.stop();
      clearTimeout(limit);
      resolve(finished);
    };
    server.close(() => done(true));
    // Connections that were busy at the signal are kept alive by their clients when their reply had been begun.
    const poll = repeating(async () => {
      server.closeIdleConnections();
      return POLL_MS;
    });
  });
}

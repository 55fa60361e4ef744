import type { IncomingMessage, Server, ServerResponse } from "node:http";
import type { Log } from "@call-ledger/process";
import { repeating } from "@call-ledger/process";
import type { Readiness } from "../health/readiness.ts";

/** Longer than the longest booking. Together with POOLS_MS well below 30 s, after which platforms kill a process. */
const REQUESTS_MS = 10_000;
const POOLS_MS = 3_000;
const POLL_MS = 50;

export type ShutdownPorts = {
  readonly server: Server;
  readonly readiness: Readiness;
  /** Ends background work and pools, within about `graceMs`. */
  release(graceMs: number): Promise<void>;
  readonly log: Log;
};

/**
 * Returns a function that stops the server: it is not ready any more, takes no new connections, finishes running
 * requests within 10 s, and drains the pools.
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

/** Returns a function after whose call every reply that has not begun yet ends its connection. */
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

/** Closes the server. Resolves with whether all requests were answered in time; the others are cut off. */
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
    // If a reply had begun before the signal, its client keeps the connection alive, so it must be closed when idle.
    const poll = repeating(async () => {
      server.closeIdleConnections();
      return POLL_MS;
    });
  });
}

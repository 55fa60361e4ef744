import type { IncomingMessage, Server, ServerResponse } from "node:http";
import type { Log } from "@call-ledger/process";
import { repeating } from "@call-ledger/process";
import type { Readiness } from "../health/readiness.ts";

/** Longer than the longest booking. Together with POOLS_MS well below 30 s, after which platforms kill a process. */
const REQUESTS_MS = 10_000;
const POOLS_MS = 3_000;
const POLL_MS = 50;

export type ShutdownPorts = {
  readonly servers: readonly Server[];
  readonly readiness: Readiness;
  /** Ends background work and pools, within about `graceMs`. */
  release(graceMs: number): Promise<void>;
  readonly log: Log;
};

/**
 * Returns a function that stops the server: it is not ready any more, takes no new connections, finishes running
 * requests within 10 s, and drains the pools.
 */
export function shutdownOf({ servers, readiness, release, log }: ShutdownPorts): () => Promise<void> {
  const sayClose = closingReplies(servers);
  return async () => {
    readiness.stopping = true;
    sayClose();
    const finished = await closeServers(servers);
    await release(POOLS_MS);
    if (finished) log.info({}, "Stopped");
    else log.warn({}, "Stopped before all requests were finished");
  };
}

/** Returns a function after whose call every reply that has not begun yet ends its connection. */
function closingReplies(servers: readonly Server[]): () => void {
  const open = new Set<ServerResponse>();
  let closing = false;
  const watch = (_req: IncomingMessage, res: ServerResponse): void => {
    if (closing) res.setHeader("connection", "close");
    open.add(res);
    res.once("close", () => open.delete(res));
  };
  for (const server of servers) server.prependListener("request", watch);
  return () => {
    closing = true;
    for (const res of open) if (!res.headersSent) res.setHeader("connection", "close");
  };
}

/** Closes the servers. Resolves with whether all requests were answered in time; the others are cut off. */
function closeServers(servers: readonly Server[]): Promise<boolean> {
  return new Promise((resolve) => {
    const limit = setTimeout(() => {
      for (const server of servers) server.closeAllConnections();
      done(false);
    }, REQUESTS_MS);
    const done = (finished: boolean) => {
      void poll.stop();
      clearTimeout(limit);
      resolve(finished);
    };
    const closed = servers.map((server) => new Promise((over) => server.close(over)));
    void Promise.all(closed).then(() => done(true));
    // If a reply had begun before the signal, its client keeps the connection alive, so it must be closed when idle.
    const poll = repeating(async () => {
      for (const server of servers) server.closeIdleConnections();
      return POLL_MS;
    });
  });
}

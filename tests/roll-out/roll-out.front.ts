import { Agent, createServer, type IncomingMessage, request, type ServerResponse } from "node:http";
import { until, untilOk } from "@call-ledger/testkit/process";

/**
 * Works like Render's front. It sends every request to one instance, and after the next one's health check passes, to
 * that one. Unlike Render's, it does not wait a minute before the old instance may be stopped.
 */
export type Front = {
  readonly url: string;
  /** The number of requests by the instance that answered them. */
  readonly answered: ReadonlyMap<string, number>;
  /**
   * Waits until the next instance is ready, then sends all requests to it. `switched` is called in the same moment,
   * while the old instance still works on a request.
   */
  rollOut(next: string, switched: () => void): Promise<void>;
  stop(): Promise<void>;
};

const MAX_SECONDS = 60;

export async function startFront(first: string): Promise<Front> {
  const agent = new Agent({ keepAlive: true });
  const answered = new Map<string, number>();
  const underWay = new Map<string, number>();
  const count = (counts: Map<string, number>, instance: string, change: number) =>
    counts.set(instance, (counts.get(instance) ?? 0) + change);
  let instance = first;

  const pass = (from: IncomingMessage, to: ServerResponse) => {
    const chosen = instance;
    count(underWay, chosen, 1);
    to.once("close", () => count(underWay, chosen, -1));
    const { method = "GET", headers } = from;
    const onward = request(new URL(from.url ?? "/", chosen), { method, headers, agent }, (reply) => {
      count(answered, chosen, 1);
      to.writeHead(reply.statusCode ?? 502, withoutHops(reply.headers));
      reply.pipe(to);
    });
    onward.once("error", () => (to.headersSent ? to.destroy() : to.writeHead(502).end()));
    from.pipe(onward);
  };

  const server = createServer(pass);
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const address = server.address();
  if (address === null || typeof address === "string") throw new Error("the front has no port");

  return {
    url: `http://127.0.0.1:${address.port}`,
    answered,
    async rollOut(next, switched) {
      await untilOk(`${next}/health/ready`, MAX_SECONDS);
      await until(() => (underWay.get(instance) ?? 0) > 0, "a request is under way", MAX_SECONDS);
      instance = next;
      switched();
    },
    async stop() {
      server.closeAllConnections();
      agent.destroy();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

/** Removes the headers that concern only one connection. */
function withoutHops(headers: IncomingMessage["headers"]): IncomingMessage["headers"] {
  const { connection: _, "keep-alive": __, "transfer-encoding": ___, ...others } = headers;
  return others;
}

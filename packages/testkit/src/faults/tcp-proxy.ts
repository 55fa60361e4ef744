import type { Server, Socket } from "node:net";
import { connect, createServer } from "node:net";
import { setTimeout as sleep } from "node:timers/promises";

/** A proxy between the application and its database. */
export type TcpProxy = {
  /** The URL of the database through the proxy. */
  readonly url: string;
  /**
   * pass: bytes flow. hang: connections stay open and new ones are accepted, but no byte flows. refuse: nothing
   * listens, and all connections are cut.
   */
  set(mode: "pass" | "hang" | "refuse"): Promise<void>;
  /** Cuts all connections. New ones are accepted. */
  cut(): void;
  stop(): Promise<void>;
};

/** `delayMs` returns the delay of each piece of data, in either direction. */
export async function tcpProxy(targetUrl: string, delayMs: () => number = () => 0): Promise<TcpProxy> {
  const target = new URL(targetUrl);
  const sockets = new Set<Socket>();
  let gate = Promise.resolve();
  let open: () => void = () => undefined;

  const server = createServer((inner) => {
    const outer = connect(Number(target.port), target.hostname);
    for (const [from, to] of [
      [inner, outer],
      [outer, inner],
    ] as const) {
      sockets.add(from);
      // As on a network, data that was sent before the sender disconnected still arrives.
      let arrived: Promise<unknown> = Promise.resolve();
      from.on("data", (bytes) => {
        const due = performance.now() + delayMs();
        arrived = arrived.then(async () => {
          await gate;
          const wait = due - performance.now();
          if (wait > 0) await sleep(wait);
          if (!to.destroyed) to.write(bytes);
        });
      });
      from.on("error", () => undefined);
      from.on("close", () => {
        sockets.delete(from);
        void arrived.then(() => to.destroy());
      });
    }
  });
  const port = await listen(server, 0);
  const url = new URL(targetUrl);
  [url.hostname, url.port] = ["127.0.0.1", String(port)];
  const cut = () => {
    for (const socket of sockets) socket.destroy();
  };

  return {
    url: url.href,
    async set(mode) {
      open();
      if (mode === "hang") {
        gate = new Promise((resolve) => {
          open = resolve;
        });
      }
      if (mode === "refuse") {
        if (server.listening) server.close();
        cut();
      } else if (!server.listening) {
        await listen(server, port);
      }
    },
    cut,
    async stop() {
      open();
      cut();
      if (server.listening) await new Promise((resolve) => server.close(resolve));
    },
  };
}

function listen(server: Server, port: number): Promise<number> {
  return new Promise((resolve, reject) => {
    server.once("error", reject);
    server.listen(port, "127.0.0.1", () => {
      server.off("error", reject);
      const address = server.address();
      resolve(typeof address === "object" && address !== null ? address.port : port);
    });
  });
}

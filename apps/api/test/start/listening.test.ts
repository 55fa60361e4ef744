import type { Server } from "node:http";
import { createServer } from "node:http";
import type { Socket } from "node:net";
import { connect } from "node:net";
import { setImmediate as nextTurn } from "node:timers/promises";
import { expect, test } from "vitest";
import { LISTENERS, listen } from "../../src/start/listening.ts";

const HOST = "127.0.0.1";
const CONNECTIONS = 400;
/** Some sockets get more of the connections than others. With one socket it takes a turn for each connection. */
const MAX_TURNS = CONNECTIONS / 4;

const servers = (count: number) => Array.from({ length: count }, () => createServer());

function close(opened: readonly Server[]): Promise<unknown> {
  return Promise.all(
    opened.map((server) => {
      server.closeAllConnections();
      return new Promise((resolve) => server.close(resolve));
    }),
  );
}

test.runIf(LISTENERS > 1)("a burst of connections is accepted in few turns of the event loop", async () => {
  const opened = servers(LISTENERS);
  const port = await listen(opened, { port: 0, host: HOST });
  let accepted = 0;
  for (const server of opened) server.on("connection", () => (accepted += 1));
  const sockets: Socket[] = Array.from({ length: CONNECTIONS }, () => connect(port, HOST));
  const opening = sockets.map((socket) => new Promise((resolve) => socket.once("connect", resolve)));
  let turns = 0;
  for (; accepted < CONNECTIONS && turns < CONNECTIONS; turns += 1) await nextTurn();
  await Promise.all(opening);
  for (const socket of sockets) socket.destroy();
  await close(opened);
  expect(turns).toBeLessThan(MAX_TURNS);
});

test("a port that other servers share cannot be taken", async () => {
  const opened = servers(LISTENERS);
  const port = await listen(opened, { port: 0, host: HOST });
  const others = servers(LISTENERS);
  await expect(listen(others, { port, host: HOST })).rejects.toMatchObject({ code: "EADDRINUSE" });
  await close(opened);
  expect(await listen(others, { port, host: HOST })).toBe(port);
  await close(others);
});

import { once } from "node:events";
import type { AddressInfo } from "node:net";
import { connect } from "node:net";
import { setTimeout } from "node:timers/promises";
import express from "express";
import { expect, test } from "vitest";
import type { EventStream } from "../../src/rest/stream/event-stream.ts";
import { openEventStream, serverSentEvent } from "../../src/rest/stream/event-stream.ts";

const EVENT = serverSentEvent("call", { id: "x".repeat(60_000) }, null);
/** The kernel takes some megabytes for a client that does not read. */
const MAX_EVENTS = 2_000;

test("a client that does not read is dropped with little unread, and one that reads gets every event", async () => {
  const streams = new Map<string, { stream: EventStream; unread(): number; isOpen(): boolean }>();
  const app = express();
  app.get("/:name", (req, res) => {
    const stream = openEventStream(res);
    streams.set(req.params.name, {
      stream,
      unread: () => res.writableLength,
      isOpen: () => !res.destroyed,
    });
  });
  const server = app.listen(0);
  await once(server, "listening");
  const { port } = server.address() as AddressInfo;
  const open = (name: string) => {
    const socket = connect(port, "127.0.0.1");
    socket.write(`GET /${name} HTTP/1.1\r\nHost: x\r\n\r\n`);
    return socket;
  };
  const [slow, fast] = [open("slow").pause(), open("fast")];
  let received = 0;
  fast.on("data", (bytes) => {
    received += bytes.length;
  });
  await expect.poll(() => streams.size).toBe(2);
  const [lazy, eager] = [streams.get("slow"), streams.get("fast")];
  let sent = 0;
  let maxUnread = 0;
  while (lazy?.isOpen() && sent < MAX_EVENTS) {
    for (const one of [lazy, eager]) one?.stream.send(EVENT);
    sent += 1;
    maxUnread = Math.max(maxUnread, lazy.unread());
    do await setTimeout(1);
    while ((eager?.unread() ?? 0) > 0);
  }
  expect(sent).toBeLessThan(MAX_EVENTS);
  expect(maxUnread).toBeLessThan(262_144 + 2 * EVENT.length);
  // A dropped stream takes no more.
  lazy?.stream.send(EVENT);
  expect(eager?.isOpen()).toBe(true);
  await expect.poll(() => received).toBeGreaterThanOrEqual(sent * EVENT.length);
  slow.destroy();
  fast.destroy();
  server.close();
});

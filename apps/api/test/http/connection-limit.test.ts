import { createServer } from "node:http";
import type { AddressInfo, Socket } from "node:net";
import { connect } from "node:net";
import { createLog } from "@call-ledger/process";
import { until } from "@call-ledger/testkit/process";
import { expect, test } from "vitest";
import { limitConnections } from "../../src/http/connection-limit.ts";

test("a connection beyond the limit is closed and logged; others are served, and a closed one makes room", async () => {
  const lines: string[] = [];
  const server = createServer((_req, res) => res.end("served"));
  limitConnections(server, createLog("info", { write: (line) => void lines.push(line) }), 2);
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as AddressInfo;
  const open = async (): Promise<Socket> => {
    const socket = connect(port, "127.0.0.1").on("error", () => undefined);
    await new Promise((resolve) => socket.once("connect", resolve));
    return socket;
  };
  const ask = (socket: Socket) =>
    new Promise<string>((resolve) => {
      socket.once("data", (bytes) => resolve(String(bytes))).once("close", () => resolve("closed"));
      socket.write("GET / HTTP/1.1\r\nhost: ledger\r\n\r\n");
    });
  try {
    const [first, second] = [await open(), await open()];
    expect(await ask(await open())).toBe("closed");
    await until(() => lines.some((line) => line.includes("too many connections")), "it is logged");
    expect(await ask(first)).toMatch(/served/);
    second.destroy();
    await until(async () => /served/.test(await ask(await open())), "there is room again");
  } finally {
    server.closeAllConnections();
    server.close();
  }
});

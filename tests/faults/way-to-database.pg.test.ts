import { readFileSync } from "node:fs";
import type { Socket } from "node:net";
import { createServer } from "node:net";
import { TLSSocket } from "node:tls";
import { deliver, message, send } from "@call-ledger/api/testing/deliveries";
import { startApi } from "@call-ledger/api/testing/running-api";
import { selfSigned } from "@call-ledger/testkit/http";
import { startProgram, until } from "@call-ledger/testkit/process";
import { expect, test } from "vitest";

const OPS = new URL(import.meta.resolve("@call-ledger/ops/start")).pathname;
const CHART = new URL("../../docs/operations.md", import.meta.url);
const TOKEN = "a-token-of-this-test";

/** Supabase's pooler cannot run here. These are the bytes of its answer for a project that it does not serve. */
const fields = ["SFATAL", "VFATAL", "CXX000", "MTenant or user not found", ""].join("\0");
const UNKNOWN_PROJECT = Buffer.concat([
  Buffer.from("E"),
  lengthOf(fields.length + 1),
  Buffer.from(`${fields}\0`),
]);
const certificate = selfSigned("localhost");

/** The servers that replace the database. */
const WAYS: Readonly<Record<string, ((socket: Socket) => void) | null>> = {
  no_such_host: null,
  connection_lost: (socket) => void socket.resume().end(),
  no_such_project: (socket) => void socket.once("data", () => socket.end(UNKNOWN_PROJECT)),
  certificate_refused: (socket) =>
    void socket.once("data", () => {
      socket.write("S");
      new TLSSocket(socket, { isServer: true, ...certificate }).on("error", () => undefined);
    }),
};

function lengthOf(bytes: number): Buffer {
  const length = Buffer.alloc(4);
  length.writeInt32BE(bytes + 4);
  return length;
}

test.each(Object.entries(WAYS))(
  "%s is named by the server and by the commands",
  async (name, answer) => {
    expect(readFileSync(CHART, "utf8")).toContain(`\n- \`${name}\``);
    const server = createServer((socket) => answer?.(socket.on("error", () => undefined)));
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    const address = server.address();
    const port = typeof address === "object" ? address?.port : 0;
    const host = answer === null ? "no-such-host.invalid" : `127.0.0.1:${port}`;
    const url = `postgres://login:password@${host}/ledger${name === "certificate_refused" ? "?sslmode=verify-full" : ""}`;
    const api = await startApi(url, { METRICS_TOKEN: TOKEN });
    try {
      const health = async () => Object((await send(`${api.url}/health`, {})).json);
      await until(async () => (await health()).database_fault === name, "the health names it", 30);
      expect(await health()).toMatchObject({ status: "error", services: { database: false } });
      const deliverOne = () => deliver(api.url, message("status-update", "call", { status: "ringing" }));
      expect((await deliverOne()).status).toBe(503);
      const named = api.lines.map((line) => JSON.parse(line)).filter(({ fault }) => fault === name);
      expect(named.map(({ msg }) => msg)).toEqual(
        expect.arrayContaining([expect.stringContaining("CRITICAL: Failed to mark event")]),
      );
      for (const { next } of named) expect(next).toMatch(/^[A-Z].+/);
      const headers = { authorization: `Bearer ${TOKEN}` };
      expect(await (await fetch(`${api.url}/metrics`, { headers })).text()).toContain(
        "\ncall_ledger_database_up 0\n",
      );
      const ops = startProgram([OPS, "org", "list"], { env: { DATABASE_URL: url } });
      expect([await ops.ended, ops.stderr()]).toEqual([
        3,
        expect.stringMatching(
          new RegExp(
            `^The database \\S+ at ${host.replace(":", ".")} [^\n]*\\(${name}, \\w+\\)\\. [A-Z][^\n]*\n$`,
          ),
        ),
      ]);
    } finally {
      await api.stop();
      server.close();
    }
  },
  60_000,
);

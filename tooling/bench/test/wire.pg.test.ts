import { createServer } from "node:http";
import { testDatabase } from "@call-ledger/db/testing";
import postgres from "postgres";
import { expect, test } from "vitest";
import { openWireConnection } from "../src/direct/wire.connection.ts";
import { executeFrames, prepareFrames } from "../src/direct/wire.frames.ts";
import { openHttpConnection } from "../src/load/http.connection.ts";

test("prepared frames are transactions of their own, and errors come as SQLSTATE", async () => {
  const database = await testDatabase();
  const sql = postgres(database.ownerUrl, { max: 1 });
  await sql`create table public.wire_rows (n int primary key, word text)`;
  const connection = await openWireConnection(database.ownerUrl);
  await connection.exchange(prepareFrames("add", "insert into public.wire_rows values ($1::int, $2)"));
  await connection.exchange(executeFrames("add", ["1", "größer"]));
  await expect(connection.exchange(executeFrames("add", ["1", "again"]))).rejects.toThrow("23505");
  await connection.exchange(executeFrames("add", ["2", "x".repeat(200_000)]));
  const rows = await sql`select n, length(word) as length, left(word, 6) as start from wire_rows order by n`;
  expect(rows.map((row) => ({ ...row }))).toEqual([
    { n: 1, length: 6, start: "größer" },
    { n: 2, length: 200_000, start: "xxxxxx" },
  ]);
  connection.close();
  await sql.end();
  await database.drop();
});

test("a wrong password is refused", async () => {
  const database = await testDatabase();
  const url = new URL(database.ownerUrl);
  url.password = "wrong";
  await expect(openWireConnection(url.href)).rejects.toThrow("28P01");
  await database.drop();
});

test("an HTTP connection carries request after request", async () => {
  const server = createServer(async (req, res) => {
    const body = (await req.toArray()).join("");
    const reply = JSON.stringify({ length: body.length });
    res.writeHead(body.length > 3 ? 201 : 200, { "content-length": reply.length }).end(reply);
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const address = server.address();
  const port = typeof address === "object" && address !== null ? address.port : 0;
  const connection = await openHttpConnection(port);
  const request = (body: string) =>
    Buffer.from(`POST / HTTP/1.1\r\nhost: x\r\ncontent-length: ${body.length}\r\n\r\n${body}`);
  expect(await connection.send(request("abc"))).toBe(200);
  expect(await connection.send(request("abcd"))).toBe(201);
  connection.close();
  server.close();
});

import { once } from "node:events";
import { type AddressInfo, createServer } from "node:net";
import { expect, test } from "vitest";
import { portProblem } from "../port.check.ts";

test("a port has a problem only while a server listens on it", async () => {
  const server = createServer().listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address() as AddressInfo;
  expect(await portProblem(port)).toBe("EADDRINUSE");
  server.close();
  await once(server, "close");
  expect(await portProblem(port)).toBeUndefined();
});

import type { Socket } from "node:net";
import { connect } from "node:net";
import { until } from "@call-ledger/testkit/process";
import { expect, test } from "vitest";
import { SECRET } from "../harness/running-api.ts";
import { METRICS_TOKEN, scrape } from "../harness/scrape.ts";
import { useApi } from "../harness/use-api.ts";

const { api } = useApi({ METRICS_TOKEN });

const ANNOUNCED = 4_000;

function leaveUnfinished(path: string, headers: readonly string[]): Socket {
  const socket = connect(api.port, "127.0.0.1").on("error", () => undefined);
  const head = [`POST ${path} HTTP/1.1`, "host: ledger", `content-length: ${ANNOUNCED}`, ...headers];
  socket.write(`${head.join("\r\n")}\r\n\r\n{`);
  return socket;
}

const bodies = async () => {
  const samples = await scrape(api.url);
  return [samples.get("call_ledger_bodies"), samples.get("call_ledger_bodies_bytes")] as const;
};

test("bodies of deliveries and of the REST API take room of the same budget, and give it back", async () => {
  const sockets = [
    leaveUnfinished("/api/webhooks/vapi", [`x-vapi-secret: ${SECRET}`]),
    leaveUnfinished("/api/v1/sign-in", ["content-type: application/json"]),
  ];
  await until(async () => (await bodies())[0] === 2, "both bodies have room");
  expect((await bodies())[1]).toBeGreaterThanOrEqual(2 * ANNOUNCED);
  for (const socket of sockets) socket.destroy();
  await until(async () => (await bodies())[1] === 0, "the room is free again");
});

import { randomBytes, randomUUID } from "node:crypto";
import type { Server, Socket } from "node:net";
import { createServer } from "node:net";
import type { ChannelSettings } from "@call-ledger/contract/alerts";
import { secretBox } from "@call-ledger/credentials";
import { until } from "@call-ledger/testkit/process";
import { afterAll, beforeAll, expect, test } from "vitest";
import type { Worker } from "../src/start/index.ts";
import { workerFor } from "./harness/running-worker.ts";
import { useSetting } from "./harness/use-setting.ts";

const ENCRYPTION_KEY = randomBytes(32).toString("base64");
const neighbour = randomUUID();
let server: Server;
const held = new Set<Socket>();

/** Greets, and then answers without ever coming to an end. */
function drip(socket: Socket): void {
  held.add(socket);
  socket.on("error", () => undefined).write("220 hello\r\n");
  const timer = setInterval(() => socket.write("250-still\r\n"), 100);
  socket.once("close", () => {
    clearInterval(timer);
    held.delete(socket);
  });
}

const setting = useSetting();

beforeAll(async () => {
  await setting.calls.sql`insert into organizations (id, name) values (${neighbour}, 'next door')`;
  server = createServer(drip);
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
});

afterAll(async () => {
  for (const socket of held) socket.destroy();
  server.close();
});

function mailPort(): number {
  const address = server.address();
  return typeof address === "object" && address !== null ? address.port : 0;
}

/** Adds a channel with a test message that is due. */
async function addMessage(orgId: string, settings: ChannelSettings): Promise<string> {
  const { sql } = setting.calls;
  const id = randomUUID();
  const place = { channelId: id, use: "alert channel" } as const;
  const sealed = secretBox(ENCRYPTION_KEY).seal(JSON.stringify(settings), place);
  await sql`insert into alert_channels (id, org_id, kind, host, settings)
    values (${id}, ${orgId}, ${settings.kind}, 'localhost', ${sealed})`;
  await sql`insert into alert_deliveries (channel_id, news, next_attempt_at)
    values (${id}, '[]', now() - interval '1 hour')`;
  return id;
}

const dripping = (): ChannelSettings => ({
  kind: "email",
  smtp: `smtp://localhost:${mailPort()}`,
  from: "ledger@example.com",
  to: ["dana@example.com"],
});

function startWorker(alertSendMs: number): Worker {
  const hosts = [setting.host.testHost, `localhost:${mailPort()}`];
  const timing = { alertPollMs: 50, alertSendMs };
  return workerFor(setting, { config: { ENCRYPTION_KEY, ALERT_HOSTS: hosts }, timing });
}

test("an organization's mail servers that never end do not hold up the messages of another", async () => {
  const posted: string[] = [];
  setting.host.answer("/hook", (request, response) => {
    posted.push(request.url ?? "");
    response.writeHead(200).end("ok");
  });
  await Promise.all(Array.from({ length: 12 }, () => addMessage(neighbour, dripping())));
  const worker = startWorker(60_000);
  await until(() => held.size > 0, "the slow servers are asked");
  await addMessage(setting.calls.orgId, { kind: "slack", url: setting.host.url("/hook") });
  await until(() => posted.length > 0, "the other organization's message is sent");
  expect(held.size).toBeLessThanOrEqual(2);
  await worker.stop(100);
});

test("a message that takes too long to send ends with that reason", async () => {
  const { sql } = setting.calls;
  await sql`delete from alert_channels where kind <> 'log'`;
  const channel = await addMessage(neighbour, dripping());
  const worker = startWorker(500);
  await until(async () => {
    const [row] = await sql`select last_error from alert_deliveries where channel_id = ${channel}`;
    return row?.last_error === "the server takes too long";
  }, "the attempt ends");
  await worker.stop(100);
});

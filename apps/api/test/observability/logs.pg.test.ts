import { once } from "node:events";
import { connect } from "node:net";
import { SCOPES } from "@call-ledger/domain";
import { signVapi } from "@call-ledger/providers/testing/vapi";
import type { TcpProxy } from "@call-ledger/testkit/faults";
import { tcpProxy } from "@call-ledger/testkit/faults";
import { until } from "@call-ledger/testkit/process";
import { afterAll, beforeAll, expect, test } from "vitest";
import { makeKey } from "../harness/access.ts";
import { deliver, message, send } from "../harness/deliveries.ts";
import type { TestLedger } from "../harness/ledger.ts";
import { testLedger } from "../harness/ledger.ts";
import { askApi } from "../harness/people.ts";
import type { RunningApi } from "../harness/running-api.ts";
import { SECRET, startApi, untilReady } from "../harness/running-api.ts";

/** Texts that identify a person or a secret. Every delivery below has all of them. */
const PHONE = "+12025550187";
const WORDS = "the-patient-said-marker";
const PROMPT = "the-agent-is-told-marker";
const TOKEN = "marker-twilio-token-41";
const MARKERS = [PHONE, PHONE.slice(1), WORDS, PROMPT, TOKEN, SECRET];

let ledger: TestLedger;
let proxy: TcpProxy;
let api: RunningApi;

beforeAll(async () => {
  ledger = await testLedger();
  await ledger.addAgent();
  proxy = await tcpProxy(ledger.database.appUrl);
  api = await startApi(proxy.url, { LOG_LEVEL: "debug" });
  await untilReady(api);
});

afterAll(async () => {
  await proxy.set("pass");
  await api.stop();
  await proxy.stop();
  await ledger.drop();
});

const telling = {
  transcriptType: "final",
  role: "user",
  transcript: WORDS,
  customer: { number: PHONE },
  phoneNumber: { number: PHONE, twilioAuthToken: TOKEN },
  credential: TOKEN,
  assistant: { model: { messages: [{ role: "system", content: PROMPT }] } },
};
const known = message("transcript", "call-1", telling);
const stranger = message("transcript", "call-2", {
  ...telling,
  call: { id: "call-2", assistantId: "nobody's" },
});
const broken = Buffer.from(`{"transcript": "${WORDS}", "number": "${PHONE}", "authToken": "${TOKEN}"`);
const huge = Buffer.concat([known, Buffer.alloc(6_000_000, ` ${PHONE} ${WORDS}`)]);
const odd = message(`${WORDS}: ${PHONE}`, "call-3", telling);

const leaking = (body: Buffer, path = "/api/webhooks/vapi") =>
  send(`${api.url}${path}?phone=${PHONE}&words=${WORDS}&secret=${SECRET}`, {
    method: "POST",
    headers: {
      ...signVapi(body, SECRET, Date.now()),
      authorization: `Bearer ${SECRET}`,
      "x-vapi-secret": SECRET,
      "x-request-id": PHONE,
      cookie: `session=${TOKEN}`,
      "user-agent": WORDS,
    },
    body: Buffer.from(body),
  });

test("the log has no person, no spoken word and no secret, whatever the reply", async () => {
  const statuses = new Set<number>();
  const note = ({ status }: { readonly status: number }) => statuses.add(status);
  for (const body of [known, known, odd, stranger, broken, huge]) note(await leaking(body));
  note(await deliver(api.url, known, { headers: { "x-vapi-signature": SECRET } }));
  note(await leaking(known, `/api/webhooks/vapi/${PHONE}`));
  note(await leaking(known, `/${WORDS}/${PHONE}`));
  note(await send(`${api.url}/api/webhooks/vapi?words=${WORDS}`, {}));

  const socket = connect(api.port, "127.0.0.1");
  const signature = `x-signature: ${"0".repeat(64)}`;
  const head = `POST /api/webhooks/vapi HTTP/1.1\r\nhost: x\r\n${signature}\r\ncontent-length: 5000`;
  socket.write(`${head}\r\nexpect: 100-continue\r\n\r\n`);
  // The server asks for the body.
  await once(socket, "data");
  socket.write(known, () => socket.destroy());
  await until(() => api.lines.some((line) => line.includes("aborted")), "the abort is logged");

  await proxy.set("refuse");
  note(await leaking(known));
  await proxy.set("pass");
  await until(async () => (await leaking(known)).status === 200, "the database is back");
  // Postgres now fails, and quotes the row in its error.
  await ledger.sql.unsafe(`create function quote_row() returns trigger language plpgsql as $$
    begin raise exception 'row % of ${PHONE} says ${WORDS}', new.event_id using errcode = 'XX000', detail = '${TOKEN}'; end $$`);
  await ledger.sql`create trigger quote_row before insert on processed_webhook_events
    for each row execute function quote_row()`;
  note(await leaking(message("transcript", "call-4", telling)));

  expect([...statuses].sort()).toEqual([200, 202, 401, 404, 405, 413, 500, 503]);
  const log = api.lines.join("");
  expect(MARKERS.filter((marker) => log.includes(marker))).toEqual([]);
  expect(api.lines.filter((line) => line.includes('"msg":"request"')).length).toBeGreaterThan(12);
});

test("the log has nothing of what the REST API is asked", async () => {
  const key = await makeKey(ledger, { scopes: SCOPES });
  const seen = await Promise.all([
    askApi(api, key.bearer, "GET", `/calls?q=${WORDS}`),
    askApi(api, key.bearer, "GET", `/calls?customer=${encodeURIComponent(PHONE)}&${WORDS}=1`),
    askApi(api, key.bearer, "PATCH", "/calls/call-1", { note: `${WORDS} ${PHONE}` }),
    askApi(api, { authorization: `Bearer ${TOKEN}` }, "GET", "/calls"),
    askApi(api, {}, "POST", "/sign-in", { token: TOKEN }),
    askApi(api, {}, "GET", `/${WORDS}/${PHONE}`),
  ]);
  expect(seen.map(({ status }) => status)).toEqual([200, 400, 200, 401, 404, 404]);
  const log = api.lines.join("");
  expect([...MARKERS, key.key].filter((marker) => log.includes(marker))).toEqual([]);
});

test("no stored delivery has a secret", async () => {
  const stored = await ledger.sql`select e::text as row from processed_webhook_events e
    union all select q::text from quarantined_deliveries q`;
  const text = stored.map(({ row }) => row).join();
  expect(text).toContain("[removed]");
  expect([TOKEN, SECRET].filter((secret) => text.includes(secret))).toEqual([]);
});

test("a log line describes its request", async () => {
  const lines = api.lines.map((line) => JSON.parse(line)).filter((line) => line.msg === "request");
  expect(lines.find((line) => line.outcome === "applied")).toEqual({
    level: "info",
    time: expect.stringMatching(/^\d{4}-\d\d-\d\dT/),
    id: expect.stringMatching(/^[0-9a-f-]{36}$/),
    method: "POST",
    route: "/api/webhooks/vapi",
    status: 200,
    ms: expect.any(Number),
    outcome: "applied",
    type: "transcript",
    events: 1,
    msg: "request",
  });
  expect(lines.find((line) => line.status === 202)).toMatchObject({
    outcome: "quarantined",
    reason: "unknown_agent",
  });
  expect(lines.find((line) => line.type === "other")).toMatchObject({ status: 200 });
});

import { SCOPES } from "@call-ledger/domain";
import { simulateCall } from "@call-ledger/simulator";
import { beforeAll, expect, test } from "vitest";
import { makeKey } from "../harness/access.ts";
import { ASSISTANT, deliver, message } from "../harness/deliveries.ts";
import { askApi } from "../harness/people.ts";
import { useApi } from "../harness/use-api.ts";

let bearer: { authorization: string };

const { ledger, api } = useApi();

beforeAll(async () => {
  await ledger.addAgent();
  ({ bearer } = await makeKey(ledger, { scopes: SCOPES }));
});

type Shown = { readonly type: string; readonly phase: string | null; readonly changed_phase: boolean };

async function timeline(call: string): Promise<Shown[]> {
  const { json } = await askApi(api, bearer, "GET", `/calls/${call}/timeline`);
  return json.data as Shown[];
}

test("an event that came after a later phase did not change the call's phase", async () => {
  for (const status of ["in-progress", "ringing", "ended", "forwarding"]) {
    await deliver(api.url, message("status-update", "out-of-order", { status }));
  }
  const changed = new Map(
    (await timeline("out-of-order")).map((event) => [event.phase, event.changed_phase]),
  );
  expect(Object.fromEntries(changed)).toEqual({
    in_progress: true,
    ringing: false,
    ended: true,
    forwarding: false,
  });
});

test("a report that comes before the end changes the phase to ended, and the end after it changes nothing", async () => {
  const { callId, deliveries } = simulateCall({
    seed: 3,
    assistantId: ASSISTANT,
    startedAt: Date.UTC(2026, 2, 12, 15),
    outcome: "completed",
    turns: 2,
    recordingOrigin: "https://recordings.test",
    presignedAt: Date.now(),
  });
  const isReport = (body: string) => body.includes('"end-of-call-report"');
  const reports = deliveries.filter(({ body }) => isReport(body));
  const others = deliveries.filter(({ body }) => !isReport(body));
  for (const { body } of [...reports, ...others]) await deliver(api.url, Buffer.from(body));
  const changed = (await timeline(callId)).filter((event) => event.changed_phase);
  expect(changed.map(({ type }) => type)).toEqual(["end-of-call-report"]);
});

test("who is at the place to which a call was put through is named by the status that said so", async () => {
  const { callId, deliveries } = simulateCall({
    seed: 5,
    assistantId: ASSISTANT,
    startedAt: Date.UTC(2026, 2, 12, 15),
    direction: "inbound",
    outcome: "forwarded",
    recordingOrigin: "https://recordings.test",
    presignedAt: Date.now(),
  });
  const read = async () => (await askApi(api, bearer, "GET", `/calls/${callId}`)).json;
  for (const { body } of deliveries.slice(0, -1)) await deliver(api.url, Buffer.from(body));
  expect(await read()).toMatchObject({
    phase: "ended",
    awaits_report: true,
    forwarded_to_name: "Front desk",
  });
  for (const { body } of deliveries.slice(-1)) await deliver(api.url, Buffer.from(body));
  expect(await read()).toMatchObject({
    awaits_report: false,
    forwarded_to: expect.stringMatching(/^\+1202555/),
    forwarded_to_name: "Front desk",
  });
  const { bearer: viewer } = await makeKey(ledger, { scopes: ["calls:read"] });
  const { json: seen } = await askApi(api, viewer, "GET", `/calls/${callId}`);
  expect(seen).toHaveProperty("forwarded_to");
  expect(seen).not.toHaveProperty("forwarded_to_name");
});

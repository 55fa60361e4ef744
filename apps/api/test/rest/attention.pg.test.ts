import { SCOPES } from "@call-ledger/domain";
import { simulateCall } from "@call-ledger/simulator";
import { beforeAll, expect, test } from "vitest";
import { makeKey } from "../harness/access.ts";
import { ASSISTANT, deliver } from "../harness/deliveries.ts";
import { askApi } from "../harness/people.ts";
import { useApi } from "../harness/use-api.ts";

/* Each number of what needs attention has a list of as many calls. */

const call = simulateCall({
  seed: 1,
  assistantId: ASSISTANT,
  startedAt: Date.now() - 3_600_000,
  direction: "outbound",
  outcome: "no_answer",
});
let bearer: { authorization: string };

const { ledger, api } = useApi();

beforeAll(async () => {
  await ledger.addAgent();
  await ledger.sql`update organizations set time_zone = 'America/New_York'`;
  for (const { body } of call.deliveries) await deliver(api.url, Buffer.from(body));
  ({ bearer } = await makeKey(ledger, { scopes: SCOPES }));
});

const ask = (path: string) => askApi(api, bearer, "GET", path);
const list = async (path: string) => (await ask(path)).json.data as { readonly id: string }[];

test("recordings close to their deadline are counted, and the number has a list", async () => {
  const [row] = await ledger.sql`insert into recording_upload_queue (org_id, call_id, channel)
    select org_id, id, 'mono' from calls returning call_id`;
  const setDeadline = (deadline: string) =>
    ledger.sql`update recording_upload_queue set deadline = now() + ${deadline}::interval
      where call_id = ${row?.call_id} and channel = 'mono'`;
  const near = "/calls?recording_deadline_within_hours=24";
  await setDeadline("5 hours");
  expect((await ask("/attention")).json).toMatchObject({ recordings_near_deadline: 1 });
  expect((await list(near)).map(({ id }) => id)).toEqual([row?.call_id]);
  expect(await list("/calls?recording_deadline_within_hours=4")).toEqual([]);
  for (const deadline of ["25 hours", "-1 hours"]) {
    await setDeadline(deadline);
    expect((await ask("/attention")).json).toMatchObject({ recordings_near_deadline: 0 });
    expect(await list(near)).toEqual([]);
  }
  expect((await ask("/calls?recording_deadline_within_hours=0")).status).toBe(400);
});

test("attention counts the calls from the beginning of the day 30 days ago, as a list from that day does", async () => {
  const [first] = await ledger.sql`select (d.day - 30)::text as day,
      (d.day - 30)::timestamp at time zone o.time_zone as starts_at
    from organizations o cross join lateral (select (now() at time zone o.time_zone)::date as day) d
    where o.id = ${ledger.orgId}`;
  const silentCalls = async (secondsLater: number) => {
    const at = new Date(first?.starts_at.getTime() + secondsLater * 1_000);
    await ledger.sql`update calls set attention = array['no_caller_speech'], started_at = ${at}
      where provider_call_id = ${call.callId}`;
    const { json } = await ask("/attention");
    const listed = (await list(`/calls?attention=no_caller_speech&from=${first?.day}`)).length;
    return [json.calls, listed];
  };
  expect(await silentCalls(-1)).toEqual([expect.objectContaining({ no_caller_speech: 0 }), 0]);
  expect(await silentCalls(1)).toEqual([expect.objectContaining({ no_caller_speech: 1 }), 1]);
});

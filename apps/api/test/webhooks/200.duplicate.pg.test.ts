import { signVapi } from "@call-ledger/providers/testing/vapi";
import { beforeAll, expect, test } from "vitest";
import { deliver, fixture } from "../harness/deliveries.ts";
import { SECRET } from "../harness/running-api.ts";
import { useApi } from "../harness/use-api.ts";

const REPORT = fixture("vapi/16-inbound-end-of-call-report.json");

const { ledger, api } = useApi();

beforeAll(() => ledger.addAgent());

test("a repetition is a duplicate, also with other presigned URLs and another envelope time", async () => {
  const first = await deliver(api.url, REPORT);
  expect(first.json).toMatchObject({ outcome: "applied" });
  const again = REPORT.toString()
    .replaceAll("aaaa1111", "bbbb2222")
    .replaceAll("1773327871902", "1773327999999");
  expect(again).not.toBe(REPORT.toString());
  for (const body of [REPORT, Buffer.from(again)]) {
    const repeated = await deliver(api.url, body);
    expect(repeated.status).toBe(200);
    expect(repeated.json).toEqual({ ...Object(first.json), outcome: "duplicate" });
  }
  expect(await ledger.sql`select count(*)::int from processed_webhook_events`).toEqual([{ count: 1 }]);
});

test("one of many simultaneous repetitions is applied", async () => {
  const body = fixture("vapi/09-inbound-transcript-final.json");
  const received = await Promise.all(Array.from({ length: 12 }, () => deliver(api.url, body)));
  expect(received.map(({ status }) => status)).toEqual(received.map(() => 200));
  const outcomes = received.map(({ json }) => Object(json).outcome).sort();
  expect(outcomes).toEqual(["applied", ...Array.from({ length: 11 }, () => "duplicate")]);
  expect(await ledger.sql`select count(*)::int from call_transcripts`).toEqual([{ count: 1 }]);
});

test("a captured delivery, replayed a day later with its own signature, changes nothing", async () => {
  const captured = signVapi(REPORT, SECRET, Date.now() - 23 * 3_600_000);
  const rows = async () => ({
    calls: await ledger.sql`select * from calls order by id`,
    reports: await ledger.sql`select * from call_logs order by id`,
    tracking: await ledger.sql`select * from call_tracking order by id`,
    events: await ledger.sql`select * from processed_webhook_events order by event_id`,
    jobs: await ledger.sql`select * from recording_upload_queue order by id`,
  });
  const before = await rows();
  const replayed = await deliver(api.url, REPORT, { headers: captured });
  expect([replayed.status, Object(replayed.json).outcome]).toEqual([200, "duplicate"]);
  expect(await rows()).toEqual(before);
});

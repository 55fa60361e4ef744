import { describe, expect, test } from "vitest";
import { rowsOf } from "../src/testing/index.ts";
import { AT, ended, report, useLedger } from "../src/testing/ledger-under-test.ts";

const ledger = useLedger();

const job = async () => {
  const [row] = await ledger.owner`
    select q.status, q.source_url, q.source_expires_at, q.recording_url, q.attempts,
      q.next_attempt_at <= now() as due
    from recording_upload_queue q join calls c on c.org_id = q.org_id and c.id = q.call_id
    where c.provider_call_id = ${ledger.call}`;
  return row;
};

describe("recordings", () => {
  const early = { url: "https://s.test/a?sig=1", expiresAt: AT + 3_600_000 };
  const late = { url: "https://s.test/a?sig=2", expiresAt: AT + 7_200_000 };

  test("a report queues its recording in the transaction that books it", async () => {
    await ledger.record(ledger.delivery(report([early])));
    expect(await job()).toMatchObject({
      status: "pending",
      source_url: early.url,
      recording_url: "https://r.test/mono.wav",
    });
  });

  test.each([
    { order: "as they came", first: early, second: late },
    { order: "the other way round", first: late, second: early },
  ])(
    "a redelivery is a duplicate and the source that expires later stands, $order",
    async ({ first, second }) => {
      expect(await ledger.record(ledger.delivery(report([first])))).toEqual(["applied"]);
      expect(await ledger.record(ledger.delivery(report([second])))).toEqual(["duplicate"]);
      expect(await job()).toMatchObject({ source_url: late.url });
    },
  );

  test("a job in backoff is tried immediately with a fresh source", async () => {
    await ledger.record(ledger.delivery(report([early])));
    await ledger.owner`update recording_upload_queue q set next_attempt_at = now() + interval '1 hour'
      from calls c where c.id = q.call_id and c.provider_call_id = ${ledger.call}`;
    expect(await job()).toMatchObject({ due: false });
    await ledger.record(ledger.delivery(report([late])));
    expect(await job()).toMatchObject({ due: true });
  });

  test("a worker keeps the job that it holds when a new source arrives", async () => {
    await ledger.record(ledger.delivery(report([early])));
    await ledger.owner`update recording_upload_queue q set status = 'fetching', lease_token = gen_random_uuid(),
      next_attempt_at = now() + interval '40 seconds', lease_until = now() + interval '40 seconds'
      from calls c where c.id = q.call_id and c.provider_call_id = ${ledger.call}`;
    await ledger.record(ledger.delivery(report([late])));
    expect(await job()).toMatchObject({ status: "fetching", due: false, source_url: late.url });
  });

  test("a fresh source makes a failed job due, and does not change a stored one", async () => {
    await ledger.record(ledger.delivery(report([early])));
    await ledger.owner`update recording_upload_queue set status = 'failed', attempts = 20 where source_url = ${early.url} and status = 'pending'`;
    await ledger.record(ledger.delivery(report([late])));
    expect(await job()).toMatchObject({ status: "pending", attempts: 0, source_url: late.url });
    await ledger.owner`update recording_upload_queue q set status = 'stored', storage_path = 'p' from calls c where c.id = q.call_id and c.provider_call_id = ${ledger.call}`;
    expect(
      await ledger.record(
        ledger.delivery(report([{ url: "https://s.test/a?sig=3", expiresAt: AT + 9_000_000 }])),
      ),
    ).toEqual(["duplicate"]);
    expect(await job()).toMatchObject({ status: "stored", source_url: late.url });
  });

  test("a stored recording's path stays on the call after later writes", async () => {
    await ledger.record(ledger.delivery(report([early])));
    await ledger.owner`update recording_upload_queue q set status = 'stored', storage_path = 'org/x' from calls c where c.id = q.call_id and c.provider_call_id = ${ledger.call}`;
    await ledger.record(ledger.delivery(ended));
    expect((await rowsOf(ledger.owner, ledger.call))?.calls).toMatchObject({
      recording_storage_path: "org/x",
    });
  });
});

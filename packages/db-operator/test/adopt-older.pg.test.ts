import { expect, test } from "vitest";
import { A, AGENT_A, useLegacyDatabase } from "./adoption-under-test.ts";

const legacy = useLegacyDatabase({ older: true });

test("a database without the later columns and tables is adopted with those that it has", async () => {
  const tracking = "cccccccc-0000-4000-8000-000000000001";
  await legacy.add("call_tracking", {
    id: tracking,
    agent_id: AGENT_A,
    vapi_call_id: "old",
    status: "completed",
    started_at: "2025-06-01T10:00:00Z",
  });
  await legacy.add("call_logs", {
    vapi_call_id: "old",
    status: "completed",
    transcript: "Hello.",
    ended_at: "2025-06-01T10:01:00Z",
  });
  await legacy.add("call_transcripts", { call_id: tracking, speaker: "agent", text: "Hello." });
  const foretold = await legacy.adopt({ dryRun: true });
  expect(legacy.counts(foretold)).toEqual({ moved: 7, unattributed: 0, duplicates: 0, rows: 7 });
  expect(await legacy.adopt()).toEqual(foretold);
  expect((await legacy.root`select * from calls`)[0]).toMatchObject({
    org_id: A,
    provider_call_id: "old",
    phase: "ended",
    outcome: "completed",
    duration_seconds: 60,
  });
  expect(await legacy.root`select role, text from call_transcripts`).toMatchObject([
    { role: "assistant", text: "Hello." },
  ]);
});

import { describe, expect, it } from "vitest";
import { vapiMessage } from "../../test/messages.ts";
import { fixture } from "../../test/read-fixture.ts";
import { reported, reportOf } from "../../test/vapi-report.ts";
import { readVapi } from "./read.ts";

const FIXTURE = "vapi/16-inbound-end-of-call-report.json";
const CALL_URL = "https://storage.vapi.ai/019ce2a4-6c20-7bb1-8d4e-2f6a9c01d001-1773327861120";

describe("a whole report", () => {
  const { report, sources, occurredAt } = reported(fixture(FIXTURE));

  it("is read in all parts", () => {
    expect(report).toMatchObject({
      source: "webhook",
      revisedAt: Date.parse("2026-03-12T15:04:20.377Z"),
      summary:
        "Caller reported a leaking water heater and was booked for 13 March, 08-12, confirmation NG-4471.",
      costUsd: 0.0304,
      costBreakdown: { transport: 0.0024, total: 0.0304 },
      startedAt: Date.parse("2026-03-12T15:04:03.655Z"),
      endedAt: Date.parse("2026-03-12T15:04:20.377Z"),
      ending: { reason: "customer-ended-call", outcome: "completed" },
      durationSeconds: 17,
    });
    expect(report.transcript).toMatch(/^AI: Northgate Plumbing.*Bye\.\n$/s);
    expect(report.messages).toHaveLength(7);
    expect(occurredAt).toBe(1773327871902);
  });

  it("has its structured outputs beside its analysis", () => {
    expect(report.analysis).toMatchObject({
      structuredData: { booked: true },
      successEvaluation: "true",
      structuredOutputs: { "3f6a1d8e-0000-4000-8000-000000000001": { name: "job" } },
    });
  });

  it("names its recordings and their current URLs", () => {
    expect(report.recordings).toEqual([
      { channel: "mono", url: `${CALL_URL}-11111111-2222-4333-8444-555555555555-mono.wav` },
      { channel: "stereo", url: `${CALL_URL}-66666666-7777-4888-8999-aaaaaaaaaaaa-stereo.wav` },
    ]);
    expect(sources.map(({ channel, url, expiresAt }) => [channel, url?.slice(-9), expiresAt])).toEqual([
      ["mono", "aaaa1111m", Date.parse("2026-03-12T16:04:31Z")],
      ["stereo", "aaaa1111s", Date.parse("2026-03-12T16:04:31Z")],
      ["customer", "tomer.wav", null],
      ["assistant", "stant.wav", null],
    ]);
  });
});

describe("a report of a call that nobody answered", () => {
  it("has no conversation if nobody spoke", () => {
    const { report, sources } = reported(fixture("vapi/23-outbound-no-answer-end-of-call-report.json"));
    expect(report).toMatchObject({
      transcript: null,
      messages: null,
      summary: null,
      analysis: null,
      costUsd: 0,
      costBreakdown: null,
      startedAt: null,
      durationSeconds: 0,
      recordings: [],
    });
    expect(sources).toEqual([]);
  });
});

describe("recordings", () => {
  const MONO = "https://storage.example.test/a-mono.wav";

  it.each([
    ["an object", { artifact: { recording: { mono: { combinedUrl: MONO } } } }],
    ["a text", { artifact: { recording: MONO } }],
    ["the older field", { artifact: { recordingUrl: MONO } }],
    ["the older place", { recordingUrl: MONO, artifact: { recording: null } }],
    ["beside a part of another type", { recordingUrl: MONO, artifact: { recording: [7] } }],
    [
      "a signed URL, the credentials taken off",
      { recordingUrl: MONO.replace("//", "//u:p@").concat("?sig=1#x") },
    ],
    ["the presigned URL alone", { artifact: { presignedMonoUrl: `${MONO}?X-Amz-Signature=1` } }],
  ])("are found in %s", (_, fields) => {
    expect(reportOf(fields).recordings).toEqual([{ channel: "mono", url: MONO }]);
  });

  it.each(["", "not a url", "ftp://storage.example.test/a.wav", "javascript:alert(1)"])(
    "are not %j",
    (url) => {
      expect(reportOf({ recordingUrl: url }).recordings).toEqual([]);
    },
  );

  const STEREO = MONO.replace("mono", "stereo");
  const CUSTOMER = MONO.replace("mono", "customer");
  const ASSISTANT = MONO.replace("mono", "assistant");

  it("are both parties' own if only presigned URLs name them", () => {
    const signed = (url: string) => `${url}?X-Amz-Signature=1`;
    const presignedUrlsExpiresAt = "2026-03-12T16:04:31Z";
    const expiresAt = Date.parse(presignedUrlsExpiresAt);
    const urls = {
      presignedCustomerUrl: signed(CUSTOMER),
      presignedAssistantUrl: signed(ASSISTANT),
      presignedUrlsExpiresAt,
    };
    const report = {
      recordings: [
        { channel: "customer", url: CUSTOMER },
        { channel: "assistant", url: ASSISTANT },
      ],
    };
    const sources = report.recordings.map(({ channel, url }) => ({ channel, url: signed(url), expiresAt }));
    for (const fields of [{ artifact: urls }, urls]) {
      expect(reported(vapiMessage("end-of-call-report", fields))).toMatchObject({ report, sources });
    }
  });

  it("are both parties' own if there is no other", () => {
    const mono = { customerUrl: CUSTOMER, assistantUrl: ASSISTANT };
    const bytes = vapiMessage("end-of-call-report", { artifact: { recording: { mono } } });
    expect(reported(bytes)).toMatchObject({
      report: {
        recordings: [
          { channel: "customer", url: CUSTOMER },
          { channel: "assistant", url: ASSISTANT },
        ],
      },
      sources: [],
    });
  });

  it.each(["role", "channel", "type", "speaker"])("are both parties' own in a list by %s", (name) => {
    const recordings = [
      { [name]: "Customer", url: CUSTOMER },
      { [name]: "assistant", url: ASSISTANT },
    ];
    const named = [
      { channel: "customer", url: CUSTOMER },
      { channel: "assistant", url: ASSISTANT },
    ];
    for (const fields of [
      { recordings },
      { artifact: { recordings } },
      { artifact: { recording: recordings } },
    ])
      expect(reportOf(fields).recordings).toEqual(named);
  });

  it("are fetched from the signed URL in one place if another place has the link alone", () => {
    const url = `${MONO}?X-Amz-Signature=1`;
    const artifact = { presignedMonoUrl: url };
    const bytes = vapiMessage("end-of-call-report", { recordingUrl: MONO, call: { id: "c", artifact } });
    const source = { channel: "mono", url, expiresAt: null };
    expect(reported(bytes)).toMatchObject({
      report: { recordings: [{ channel: "mono", url: MONO }] },
      sources: [source],
    });
  });

  it("are identified by the whole call's recording, and a party's own one can be fetched too", () => {
    const recording = { stereoUrl: STEREO, mono: { customerUrl: CUSTOMER } };
    expect(reported(vapiMessage("end-of-call-report", { artifact: { recording } }))).toMatchObject({
      report: { recordings: [{ channel: "stereo", url: STEREO }] },
      sources: [{ channel: "customer", url: CUSTOMER, expiresAt: null }],
    });
  });

  it.each([
    ["mono", { url: MONO }],
    ["mono", { mono: MONO }],
    ["mono", { mono: { url: MONO } }],
    ["mono", { monoUrl: MONO }],
    ["mono", { recordingUrl: MONO }],
    ["mono", { combinedUrl: MONO }],
    ["stereo", { stereo: MONO }],
    ["stereo", { stereoRecordingUrl: MONO }],
    ["mono", { combined: MONO }],
    ["customer", { customerUrl: MONO }],
    ["assistant", { assistantUrl: MONO }],
    ["mono", [MONO, STEREO]],
    ["mono", [{ url: MONO }, { type: "mono" }]],
  ])("are the %s one of an object %j", (channel, recording) => {
    expect(reportOf({ artifact: { recording } }).recordings).toEqual([{ channel, url: MONO }]);
  });

  it.each([
    ["mono", { recordings: [{ url: MONO }] }],
    ["mono", { recordingUrls: [MONO, STEREO] }],
    ["mono", { recording_url: MONO, recordingUrl: null }],
    ["mono", { monoRecordingUrl: MONO }],
    ["stereo", { stereo_recording_url: MONO }],
  ])("are the %s one under another name in %j", (channel, named) => {
    for (const fields of [named, { artifact: named }, { call: { id: "c", ...named } }])
      expect(reportOf(fields).recordings).toEqual([{ channel, url: MONO }]);
  });

  it("are asked for at the API if only a video is named", () => {
    const videos = [
      { recording: { videoUrl: "https://a.test/v.mp4" } },
      { presignedVideoUrl: "https://a.test/v.mp4?s=1" },
      { videoRecordingUrl: "https://a.test/v.mp4" },
    ];
    for (const artifact of videos) {
      expect(reported(vapiMessage("end-of-call-report", { artifact }))).toMatchObject({
        report: { recordings: [] },
        sources: [{ channel: "mono", url: null, expiresAt: null }],
      });
    }
  });

  it("are named without a URL if it is not an https or http URL", () => {
    const recordingUrl = "s3://bucket/a.wav";
    expect(reported(vapiMessage("end-of-call-report", { artifact: { recordingUrl } }))).toMatchObject({
      report: { recordings: [] },
      sources: [{ channel: "mono", url: null, expiresAt: null }],
    });
  });

  const enabled = { artifactPlan: { recordingEnabled: true } };
  const disabled = { artifactPlan: { recordingEnabled: false } };
  it.each([
    [
      "of a call that took place and whose recording plan is on",
      { startedAt: "2026-03-12T15:00:00Z", assistant: enabled },
      1,
    ],
    ["of a call that nobody answered", { assistant: enabled }, 0],
    ["if no place mentions recording", { startedAt: "2026-03-12T15:00:00Z", assistant: {} }, 0],
    [
      "if one place says that it is not recorded",
      {
        startedAt: "2026-03-12T15:00:00Z",
        assistant: enabled,
        call: { id: "call-1", assistantOverrides: disabled },
      },
      0,
    ],
  ])("without a URL are requested from the API: %s", (_, fields, count) => {
    const { sources } = reported(vapiMessage("end-of-call-report", fields));
    expect(sources).toEqual([{ channel: "mono", url: null, expiresAt: null }].slice(0, count));
  });

  it("cannot be fetched from a plain URL", () => {
    const bytes = vapiMessage("end-of-call-report", {
      recordingUrl: MONO,
      artifact: { presignedMonoUrl: MONO },
    });
    expect(reported(bytes).sources).toEqual([]);
  });

  it("are read again from the stored payload, even if only presigned URLs name them", () => {
    const bytes = vapiMessage("end-of-call-report", {
      artifact: { presignedMonoUrl: `${MONO}?X-Amz-Signature=1` },
    });
    const read = readVapi(bytes);
    const stored = read.reads === "call" ? read.payload : "";
    expect(reported(Buffer.from(stored)).report).toEqual(reported(bytes).report);
    expect(stored).not.toContain("X-Amz");
  });

  it("can be fetched from a URL with a query for an unknown time", () => {
    const url = `${MONO}?Expires=1&Signature=a'b`;
    const { sources } = reported(vapiMessage("end-of-call-report", { artifact: { recordingUrl: url } }));
    expect(sources).toEqual([{ channel: "mono", url, expiresAt: null }]);
  });
});

describe("the facts under keys", () => {
  const [a, b] = [
    { name: "Mood", result: "good" },
    { name: "Budget", result: 9 },
  ];

  it.each([
    [{ structuredOutputs: [a, { id: "x", ...b }] }, { structuredOutputs: { Mood: a, x: { id: "x", ...b } } }],
    // A name that is there twice names nothing.
    [
      { structuredOutputs: [a, { ...a, result: "bad" }] },
      { structuredOutputs: { Mood: a, 1: { ...a, result: "bad" } } },
    ],
    [{ structuredOutputs: [{ result: 1 }] }, { structuredOutputs: { 0: { result: 1 } } }],
    [{ analysis: { structuredData: '{"name":"Maria"}' } }, { structuredData: { name: "Maria" } }],
    [{ analysis: { structuredData: "Maria {" } }, { structuredData: "Maria {" }],
  ])("are read from %j", (artifact, analysis) => {
    expect(reportOf({ artifact }).analysis).toEqual(analysis);
  });

  it.each([
    [{ metadata: '{"lead":7}' }, { metadata: { lead: 7 } }],
    [{ artifact: { scorecards: '{"a":{"score":1}}' } }, { scorecards: { a: { score: 1 } } }],
    [{ artifact: { variables: '{"city":"Bern"}' } }, { variableValues: { city: "Bern" } }],
  ])("are kept in the details from %j", (fields, details) => {
    expect(reportOf(fields).details).toEqual(details);
  });
});

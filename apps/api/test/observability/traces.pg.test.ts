import type { Server } from "node:http";
import { createServer } from "node:http";
import { until } from "@call-ledger/testkit/process";
import { afterAll, beforeAll, expect, test } from "vitest";
import { deliver, fixture, send } from "../harness/deliveries.ts";
import type { TestLedger } from "../harness/ledger.ts";
import { testLedger } from "../harness/ledger.ts";
import { startApi, untilReady } from "../harness/running-api.ts";

type ReceivedSpan = {
  readonly name: string;
  readonly traceId: string;
  readonly spanId: string;
  readonly parentSpanId?: string;
  readonly startTimeUnixNano: string;
  readonly endTimeUnixNano: string;
  readonly attributes: readonly { readonly key: string; readonly value: Readonly<Record<string, unknown>> }[];
};

/** The bodies of the requests that the collector received; their paths are beside them. */
const bodies: string[] = [];
const paths: string[] = [];
let collector: Server;
let endpoint = "";
let ledger: TestLedger;

beforeAll(async () => {
  collector = createServer((req, res) => {
    let body = "";
    req.setEncoding("utf8").on("data", (text: string) => {
      body += text;
    });
    req.on("end", () => {
      bodies.push(body);
      paths.push(req.url ?? "");
      res.setHeader("content-type", "application/json").end("{}");
    });
  });
  await new Promise<void>((resolve) => collector.listen(0, "127.0.0.1", resolve));
  const address = collector.address();
  endpoint = `http://127.0.0.1:${typeof address === "object" && address !== null ? address.port : 0}`;
  ledger = await testLedger();
  await ledger.addAgent();
});

afterAll(async () => {
  collector.closeAllConnections();
  collector.close();
  await ledger.drop();
});

const spans = (): ReceivedSpan[] =>
  bodies.flatMap((body) =>
    JSON.parse(body).resourceSpans.flatMap((resource: { scopeSpans: { spans: ReceivedSpan[] }[] }) =>
      resource.scopeSpans.flatMap((scope) => scope.spans),
    ),
  );

test("a delivery is a span with its steps, is sent before the process stops, and has no personal data", async () => {
  const api = await startApi(ledger.database.appUrl, { OTEL_EXPORTER_OTLP_ENDPOINT: `${endpoint}/` });
  await untilReady(api);
  const body = fixture("vapi/16-inbound-end-of-call-report.json");
  // Traces begin when their library is loaded, and are sent in batches.
  await until(async () => {
    await deliver(api.url, body);
    return bodies.length > 0;
  }, "the collector has got some");
  await send(api.url, { method: "POST", body: "{}" });
  await api.stop();

  const received = spans();
  const roots = received.filter((span) => span.parentSpanId === undefined || span.parentSpanId === "");
  const booked = roots.filter((span) =>
    span.attributes.some(
      ({ key, value }) => key === "call_ledger.outcome" && value.stringValue === "duplicate",
    ),
  );
  expect(paths.every((path) => path === "/v1/traces")).toBe(true);
  expect(new Set(roots.map((span) => span.name))).toEqual(new Set(["POST /api/webhooks/vapi"]));
  expect(booked.length).toBeGreaterThan(0);
  for (const root of booked) {
    const parts = received.filter((span) => span.parentSpanId === root.spanId);
    expect(parts.map((span) => span.name)).toEqual(["verify", "read", "book"]);
    expect(parts.every((span) => span.traceId === root.traceId)).toBe(true);
    const times = [
      root.startTimeUnixNano,
      ...parts.map((span) => span.endTimeUnixNano),
      root.endTimeUnixNano,
    ];
    expect(times.map(BigInt)).toEqual(times.map(BigInt).toSorted((a, b) => (a < b ? -1 : a > b ? 1 : 0)));
  }
  const said = bodies.join();
  for (const secret of ["+1202555", "transcript", "assistant-request"]) expect(said).not.toContain(secret);
});

test("a collector that does not answer costs no delivery, and does not delay the stop", async () => {
  const api = await startApi(ledger.database.appUrl, { OTEL_EXPORTER_OTLP_ENDPOINT: "http://127.0.0.1:1" });
  await untilReady(api);
  const received = await deliver(api.url, fixture("vapi/16-inbound-end-of-call-report.json"));
  expect(received.status).toBe(200);
  const begun = performance.now();
  await api.stop();
  expect(performance.now() - begun).toBeLessThan(5_000);
});

import { createServer } from "node:http";
import { ROUTES } from "@call-ledger/contract/routes";
import { accountBudget, deliveryReader } from "@call-ledger/ingest";
import { createAlert, createLog } from "@call-ledger/process";
import { vapiCredential } from "@call-ledger/providers/testing/vapi";
import { afterAll, beforeAll, expect, test } from "vitest";
import { notReadyYet } from "../../src/health/readiness.ts";
import { requestBodies } from "../../src/http/request-body.ts";
import { mountRoutes } from "../../src/rest/mount/mount-routes.ts";
import { requestLimits } from "../../src/rest/mount/request-limits.ts";
import { createApp } from "../../src/start/app.ts";
import { deliver, message } from "../harness/deliveries.ts";
import { SECRET } from "../harness/running-api.ts";

const lines: string[] = [];
const log = createLog("debug", { write: (line) => void lines.push(line) });
const credential = vapiCredential(SECRET);
const unforeseen = () => Promise.reject(new TypeError("marker"));

const server = createServer(
  createApp({
    ingest: {
      accountOf: async () => ({ id: "account", credential }),
      booking: {
        isBooked: async () => false,
        prepare(delivery) {
          throw new SyntaxError(`no JSON: ${delivery.payload}`);
        },
        book: unforeseen,
      },
      reader: deliveryReader(["mono"], 5),
      budget: accountBudget({ bytesPerMinute: 1_000_000, quarantinedBytes: 1_000_000 }, () =>
        performance.now(),
      ),
      now: Date.now,
    },
    metrics: null,
    finished: () => undefined,
    api: mountRoutes([{ id: "getMe", route: ROUTES.getMe, handler: unforeseen }], {
      authentication: { authenticate: unforeseen, organizationExists: unforeseen, refused: () => undefined },
      limits: requestLimits({ maxRequests: 100 }),
      idempotency: { begin: unforeseen, keep: unforeseen, forget: unforeseen },
      publicUrl: null,
      checksAnswers: true,
      bodies: requestBodies(1_000_000),
    }),
    files: null,
    console: { built: null, mediaOrigin: null },
    health: { token: null, answer: () => Promise.reject(new TypeError("marker")), readiness: notReadyYet() },
    bodies: requestBodies(1_000_000),
    publicUrl: null,
    log,
    alert: createAlert(log),
    newRequestId: () => "request-1",
  }),
);
let url = "";

beforeAll(async () => {
  await new Promise<void>((resolve) => server.listen(0, resolve));
  const address = server.address();
  url = `http://127.0.0.1:${typeof address === "object" && address !== null ? address.port : 0}`;
});

afterAll(() => new Promise((resolve) => server.close(resolve)));

test("an unexpected error is a 500 without details, and an alert without the text of the error", async () => {
  const received = await deliver(
    url,
    message("status-update", "marker-call", { status: "ringing", said: "marker" }),
  );
  expect(received).toMatchObject({
    status: 500,
    json: { type: "about:blank", title: "Internal Server Error", status: 500 },
  });
  const alert = JSON.parse(lines.find((line) => line.includes("CRITICAL")) ?? "{}");
  expect(alert).toMatchObject({
    msg: "CRITICAL: unexpected error",
    error: "SyntaxError",
    id: "request-1",
    route: "/api/webhooks/vapi",
    times: 1,
  });
  expect(alert.at.length).toBeGreaterThan(0);
  expect((await fetch(`${url}/health`)).status).toBe(500);
  const headers = { authorization: "Bearer marker" };
  expect((await fetch(`${url}/api/v1/me?organization=marker`, { headers })).status).toBe(500);
  expect(lines.join("")).not.toContain("marker");
});

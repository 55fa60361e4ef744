import { createServer } from "node:http";
import { ROUTES } from "@call-ledger/contract/routes";
import { SCOPES } from "@call-ledger/domain";
import express from "express";
import { afterAll, beforeAll, expect, test } from "vitest";
import { requestBodies } from "../../src/http/request-body.ts";
import type { AnyHandler } from "../../src/rest/mount/handler.ts";
import { mountRoutes } from "../../src/rest/mount/mount-routes.ts";
import { requestLimits } from "../../src/rest/mount/request-limits.ts";

/* A path that has two media types, with handlers of the test. */

const ORG = "5b1f0c1e-2a77-4d55-8c3b-6f0e2d9a7711";
const CALLER = {
  actor: { kind: "key", id: ORG, name: null },
  credentialId: ORG,
  isSession: false,
  isOperator: false,
  role: null,
  email: null,
  orgId: ORG,
  scopes: new Set(SCOPES),
} as const;

let exports = 0;
const list: AnyHandler = async () => ({ data: [], next_cursor: null });
const exported: AnyHandler = async (_request, res) => {
  exports += 1;
  res.writeHead(200, { "content-type": "text/csv" }).end("id");
};
const never = () => Promise.reject(new Error("no route here is run once"));
const app = express().use(
  mountRoutes(
    [
      { id: "listCalls", route: ROUTES.listCalls, handler: list },
      { id: "exportCalls", route: ROUTES.exportCalls, handler: exported },
    ],
    {
      authentication: {
        authenticate: async () => ({ caller: CALLER, isRenewed: false }),
        organizationExists: async () => true,
        refused: () => undefined,
      },
      limits: requestLimits({ maxRequests: 50 }),
      idempotency: { begin: never, keep: never, forget: never },
      publicUrl: null,
      checksAnswers: true,
      bodies: requestBodies(1_000_000),
    },
  ),
);
const server = createServer(app);
let url = "";

beforeAll(async () => {
  await new Promise<void>((resolve) => server.listen(0, resolve));
  const address = server.address();
  url = `http://127.0.0.1:${typeof address === "object" && address !== null ? address.port : 0}`;
});

afterAll(() => new Promise((resolve) => server.close(resolve)));

const ask = (path: string, init: RequestInit) =>
  fetch(url + path, { ...init, headers: { authorization: "Bearer holds", ...init.headers } });

test.each([
  [undefined, "application/json"],
  ["*/*", "application/json"],
  ["text/csv", "text/csv"],
  ["text/*", "text/csv"],
  ["Text/CSV; Charset=UTF-8", "text/csv"],
  ["application/json; charset=utf-8", "application/json"],
  ["text/csv;q=0.5, application/json", "application/json"],
  ["text/csv, application/json;q=0.5", "text/csv"],
  ["text/csv, */*", "text/csv"],
  ["text/csv;q=0, */*;q=0.1", "application/json"],
  ["application/json;q=0, text/csv;q=0", 406],
  ["image/png", 406],
] as const)("of two media types the one that Accept prefers: %s gets %s", async (accept, expected) => {
  const response = await ask("/calls", { headers: accept === undefined ? {} : { accept } });
  expect(response.headers.get("vary")).toBe("accept");
  if (expected !== 406) expect(response.headers.get("content-type")).toBe(expected);
  else expect(await response.json()).toMatchObject({ status: 406, code: "not_acceptable" });
});

test("a CSV has no pages, so parameters of pages are refused", async () => {
  const response = await ask("/calls?limit=1", { headers: { accept: "text/csv" } });
  expect(await response.json()).toMatchObject({ status: 400, code: "bad_request" });
});

test("HEAD of another media type than JSON is answered without running the route", async () => {
  exports = 0;
  const response = await ask("/calls.csv", { method: "HEAD" });
  expect([response.status, response.headers.get("content-type")]).toEqual([200, "text/csv"]);
  expect(exports).toBe(0);
});

import { afterAll, beforeAll, expect, test } from "vitest";
import { send } from "../harness/deliveries.ts";
import type { RunningApi } from "../harness/running-api.ts";
import { NO_DATABASE, startApi } from "../harness/running-api.ts";
import { METRICS_TOKEN } from "../harness/scrape.ts";

let api: RunningApi;
let closed: RunningApi;

beforeAll(async () => {
  api = await startApi(NO_DATABASE, { METRICS_TOKEN });
  closed = await startApi(NO_DATABASE);
});

afterAll(() => Promise.all([api.stop(), closed.stop()]));

const asked = (url: string, authorization?: string, method = "GET") =>
  send(`${url}/metrics`, { method, headers: authorization === undefined ? {} : { authorization } });

test.each([undefined, "", "Bearer", "Bearer wrong", `Basic ${METRICS_TOKEN}`, `Bearer ${METRICS_TOKEN}x`])(
  "metrics with %j are refused",
  async (authorization) => {
    const received = await asked(api.url, authorization);
    expect(received).toMatchObject({ status: 401, json: { title: "Unauthorized" } });
    expect(received.headers.get("www-authenticate")).toBe("Bearer");
  },
);

test("other methods get 405 with the token, and 401 without it", async () => {
  expect((await asked(api.url, `Bearer ${METRICS_TOKEN}`, "POST")).status).toBe(405);
  expect((await asked(api.url, "Bearer wrong", "POST")).status).toBe(401);
});

test("without METRICS_TOKEN the page does not exist", async () => {
  expect((await asked(closed.url, `Bearer ${METRICS_TOKEN}`)).status).toBe(404);
});

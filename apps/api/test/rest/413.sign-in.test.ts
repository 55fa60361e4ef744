import { afterAll, beforeAll, expect, test } from "vitest";
import { askApi } from "../harness/people.ts";
import type { RunningApi } from "../harness/running-api.ts";
import { NO_DATABASE, startApi } from "../harness/running-api.ts";

let api: RunningApi;

beforeAll(async () => {
  api = await startApi(NO_DATABASE);
});

afterAll(() => api.stop());

test.each([
  [1_000, 400, "bad_request"],
  [5_000, 413, "too_large"],
])("without a credential a body of %i bytes gets %i", async (bytes, status, code) => {
  const answer = await askApi(api, {}, "POST", "/sign-in", { token: "x".repeat(bytes) });
  expect([answer.status, answer.json.code]).toEqual([status, code]);
});

import { expect, test } from "vitest";
import { askApi } from "../harness/people.ts";
import { useApiWithoutDatabase } from "../harness/use-api.ts";

const api = useApiWithoutDatabase();

test.each([
  [1_000, 400, "bad_request"],
  [5_000, 413, "too_large"],
])("without a credential a body of %i bytes gets %i", async (bytes, status, code) => {
  const answer = await askApi(api, {}, "POST", "/sign-in", { token: "x".repeat(bytes) });
  expect([answer.status, answer.json.code]).toEqual([status, code]);
});

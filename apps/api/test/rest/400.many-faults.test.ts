import { expect, test } from "vitest";
import { askApi } from "../harness/people.ts";
import { useApiWithoutDatabase } from "../harness/use-api.ts";

const api = useApiWithoutDatabase();

test("a refusal of a request with thousands of faults names twenty of them", async () => {
  const { status, json } = await askApi(api, {}, "POST", `/sign-in?${"a&".repeat(7_000)}`, { token: "x" });
  expect(status).toBe(400);
  expect(json.errors).toHaveLength(20);
  expect(json.detail).toContain("and 6980 more");
  expect(JSON.stringify(json).length).toBeLessThan(10_000);
});

import { signVapi } from "@call-ledger/providers/testing/vapi";
import { expect, test } from "vitest";
import { message, send } from "../harness/deliveries.ts";
import { SECRET } from "../harness/running-api.ts";
import { useApiWithoutDatabase } from "../harness/use-api.ts";

const api = useApiWithoutDatabase();

const BODY = message("speech-update", "call-1");

async function post(path: string, headers: Readonly<Record<string, string>>) {
  return (await send(`${api.url}${path}`, { method: "POST", headers, body: BODY })).json;
}

test.each([
  "/api/webhook/vapi",
  "/api/webhooks",
  "/api/webhooks/vappi",
  "/webhooks/vapi",
  "/api/webhooks/vapi/one/two",
])("a delivery with a credential to %s gets 404 with the right path", async (path) => {
  const answer = await post(path, signVapi(BODY, SECRET, Date.now()));
  expect(answer).toMatchObject({ status: 404, detail: expect.stringContaining("/api/webhooks/vapi") });
});

test("other requests to unknown paths learn nothing of deliveries", async () => {
  expect(await post("/api/webhook/vapi", {})).not.toMatchObject({
    detail: expect.stringContaining("/api/webhooks/vapi"),
  });
  const bearer = await post("/api/v2/calls", { authorization: "Bearer clk_x" });
  expect(bearer).toMatchObject({ detail: expect.stringContaining("/api/v1/openapi.json") });
});

import { simulateCall } from "@call-ledger/simulator";
import { beforeAll, expect, test } from "vitest";
import { makeKey } from "../harness/access.ts";
import { ASSISTANT, deliver } from "../harness/deliveries.ts";
import { askApi } from "../harness/people.ts";
import { useApi } from "../harness/use-api.ts";

/* Everybody who has the link sees what the answer has, so it has only what the dialog of the console promises. */

const { ledger, api } = useApi();

beforeAll(() => ledger.addAgent());

type Item = { readonly kind: string; readonly text: string };

test("a shared link shows the call without costs, prompts, tool calls and latency, until it is revoked", async () => {
  const { callId, deliveries } = simulateCall({
    seed: 1,
    assistantId: ASSISTANT,
    startedAt: Date.now() - 600_000,
    outcome: "completed",
    turns: 12,
  });
  for (const { body } of deliveries) await deliver(api.url, Buffer.from(body));
  const { bearer } = await makeKey(ledger, {
    scopes: ["calls:read", "calls:details", "recordings:read", "calls:write"],
  });
  const ask = async (method: string, path: string, body?: unknown) => askApi(api, bearer, method, path, body);
  const path = `/calls/${callId}/share-links`;

  const made = await ask("POST", path, { expires_in_hours: 1 });
  expect(made.status).toBe(201);
  const token = String(made.json.url).split("/shared/")[1];
  const shared = await askApi(api, {}, "GET", `/shared/${token}`);
  expect(shared.json).toMatchObject({ organization_name: "Northgate Plumbing", recording: null });
  expect(JSON.stringify(shared.json)).not.toMatch(/cost|prompt|tool_call|latency|arguments|result"/i);

  // A tool's arguments and results are records of the organization's own systems.
  const whole = (await ask("GET", `/calls/${callId}`)).json.conversation as Item[];
  expect(whole.some(({ kind }) => kind === "tool_call")).toBe(true);
  expect((shared.json.conversation as Item[]).map(({ text }) => text)).toEqual(
    whole.filter(({ kind }) => kind === "speech").map(({ text }) => text),
  );

  expect((await ask("GET", path)).json.data).toHaveLength(1);
  expect((await ask("DELETE", `/share-links/${made.json.id}`)).status).toBe(204);
  const statusOf = async (link: string) => (await askApi(api, {}, "GET", `/shared/${link}`)).status;
  expect([await statusOf(`${token}`), await statusOf(`${token}x`), await statusOf("none")]).toEqual([
    410, 404, 404,
  ]);
});

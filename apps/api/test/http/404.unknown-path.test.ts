import { expect, test } from "vitest";
import { message, send } from "../harness/deliveries.ts";
import { useApiWithoutDatabase } from "../harness/use-api.ts";

const api = useApiWithoutDatabase();

test.each([
  ["POST", "/api/webhooks/nobody"],
  ["GET", "/api/webhooks/nobody/account"],
  ["POST", "/api/webhooks"],
  ["POST", "/api/webhooks/vapi/account/more"],
  ["GET", "/nothing?phone=1"],
  ["GET", "/health/other"],
])("%s %s is an unknown path", async (method, path) => {
  const body = method === "POST" ? { body: message("hang", "call-1") } : {};
  const received = await send(`${api.url}${path}`, { method, ...body });
  expect(received).toMatchObject({ status: 404, json: { title: "Not Found", status: 404 } });
  expect(received.headers.get("content-type")).toBe("application/problem+json");
});

test.each(["/api/v2/calls", "/api", "/api/calls"])(
  "%s has a problem with a code, and names the version",
  async (path) => {
    const { status, json } = await send(`${api.url}${path}`, { method: "GET" });
    expect({ status, json }).toMatchObject({
      status: 404,
      json: {
        code: "not_found",
        detail: expect.stringContaining("/api/v1/openapi.json"),
        request_id: expect.any(String),
      },
    });
  },
);

test("a path that cannot be decoded is a bad request", async () => {
  expect((await send(`${api.url}/api/webhooks/%ff`, {})).status).toBe(400);
});

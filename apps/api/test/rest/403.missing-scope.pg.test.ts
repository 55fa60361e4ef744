import { expect, test } from "vitest";
import { makeKey } from "../harness/access.ts";
import { send } from "../harness/deliveries.ts";
import { useApi } from "../harness/use-api.ts";

const { ledger, api } = useApi();

test.each([["calls:read", "agents:read", "agents:write"] as const, [] as const])(
  "the answer to a key without the scope names the scope",
  async (...scopes) => {
    const { bearer } = await makeKey(ledger, { scopes });
    const received = await send(`${api.url}/api/v1/calls/call-1/recording`, { headers: bearer });
    expect(received).toMatchObject({
      status: 403,
      json: {
        title: "Forbidden",
        status: 403,
        code: "missing_scope",
        detail: expect.stringContaining("recordings:read"),
      },
    });
    expect(received.headers.get("www-authenticate")).toBe(
      'Bearer realm="call-ledger", error="insufficient_scope", scope="recordings:read"',
    );
  },
);

test("the operator names the organization of the calls", async () => {
  const { bearer } = await makeKey(ledger, { orgId: null });
  const ask = async (query: string) => {
    const { status, json } = await send(`${api.url}/api/v1/calls/call-1/recording${query}`, {
      headers: bearer,
    });
    return [status, Object(json).detail];
  };
  expect(await ask("")).toEqual([400, expect.stringContaining("?organization=ID")]);
  expect(await ask(`?organization=${ledger.orgId}`)).toEqual([404, undefined]);
  const nobodys = [404, "There is no such organization."];
  expect(await ask("?organization=call-1")).toEqual(nobodys);
  expect(await ask("?organization=00000000-0000-4000-8000-000000000000")).toEqual(nobodys);
  // A key of an organization may not name another one.
  const { bearer: own } = await makeKey(ledger);
  const others = await send(
    `${api.url}/api/v1/calls/call-1/recording?organization=00000000-0000-4000-8000-000000000000`,
    { headers: own },
  );
  expect(others).toMatchObject({ status: 404, json: { detail: "There is no such organization." } });
});

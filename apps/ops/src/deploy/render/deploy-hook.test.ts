import type { RequestListener } from "node:http";
import { createServer } from "node:http";
import { afterEach, expect, test } from "vitest";
import { callDeployHook } from "./deploy-hook.ts";

let stop: () => void = () => undefined;
afterEach(() => stop());

/** Starts a hook. */
async function hookThat(answers: RequestListener): Promise<URL> {
  const server = createServer(answers);
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  stop = () => {
    server.closeAllConnections();
    server.close();
  };
  const address = server.address();
  const port = typeof address === "object" ? address?.port : 0;
  return new URL(`http://127.0.0.1:${port}/deploy/srv-1?key=s3cret`);
}

test("a hook that takes the order was asked once, for this commit", async () => {
  const asked: string[] = [];
  const hook = await hookThat((request, response) => {
    asked.push(`${request.method} ${request.url}`);
    response.writeHead(202).end();
  });
  expect(await callDeployHook(hook, "abc")).toEqual({ isTaken: true, found: "the hook answered 202" });
  expect(asked).toEqual(["POST /deploy/srv-1?key=s3cret&ref=abc"]);
});

test.each<[string, RequestListener, string]>([
  ["never answers", () => undefined, "TimeoutError"],
  ["closes the connection", (_request, response) => void response.destroy(), "UND_ERR_SOCKET"],
])("of a hook that %s, it is not known whether it took the order", async (_what, answers, reason) => {
  const hook = await hookThat(answers);
  expect(await callDeployHook(hook, null, 200)).toEqual({
    isTaken: null,
    found: `The deploy hook does not answer (${reason}). It is not known whether it took the order.`,
  });
});

test.each([
  [
    401,
    1,
    "Nothing was deployed. Its key is no longer valid. Copy the deploy hook again from the service's settings.",
  ],
  [404, 1, "Nothing was deployed. Render does not know this service or this commit. Was it pushed?"],
  [400, 1, "Nothing was deployed. See the service's events at Render."],
  [502, 4, "It is not known whether it took the order. See the service's events at Render."],
])("an answer %i says whether something was deployed", async (status, exitCode, message) => {
  const hook = await hookThat((_request, response) => void response.writeHead(status).end());
  const error = await callDeployHook(hook, null).catch((thrown: unknown) => thrown);
  expect(error).toMatchObject({ exitCode, message: `The deploy hook answered ${status}. ${message}` });
});

test("a hook that cannot be reached has taken no order", async () => {
  const gone = await hookThat(() => undefined);
  stop();
  const badPort = new URL("http://127.0.0.1:1/deploy?key=s3cret");
  for (const [hook, reason] of [[gone, "ECONNREFUSED"] as const, [badPort, "bad port"] as const]) {
    const error = await callDeployHook(hook, null).catch((thrown: unknown) => thrown);
    expect(error).toMatchObject({
      exitCode: 3,
      message: `The deploy hook does not answer (${reason}). Nothing was deployed. Try again.`,
    });
  }
});

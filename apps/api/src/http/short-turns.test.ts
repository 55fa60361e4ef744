import { IncomingMessage, ServerResponse } from "node:http";
import { Socket } from "node:net";
import { setImmediate as nextTurn } from "node:timers/promises";
import { expect, test } from "vitest";
import { shortTurns } from "./short-turns.ts";

const BEGIN_MS = 5;

/** Passes on requests that take 5 ms to begin, and records the URLs of those that have begun. */
function requests() {
  const begun: (string | undefined)[] = [];
  const listener = shortTurns(({ url }) => {
    begun.push(url);
    const until = performance.now() + BEGIN_MS;
    while (performance.now() < until);
  });
  const arrive = (url: string): ServerResponse => {
    const req = new IncomingMessage(new Socket());
    req.url = url;
    const res = new ServerResponse(req);
    listener(req, res);
    return res;
  };
  return { begun, arrive };
}

async function untilQuiet(begun: readonly unknown[]): Promise<void> {
  for (let before = -1; before !== begun.length; ) {
    before = begun.length;
    await nextTurn();
  }
}

test("requests that come together begin in several turns, in their order", async () => {
  const { begun, arrive } = requests();
  const urls = Array.from({ length: 30 }, (_, place) => `/${place}`);
  urls.forEach(arrive);
  expect(begun.length).toBeLessThan(10);
  await untilQuiet(begun);
  expect(begun).toEqual(urls);
});

test("/health/live does not wait", () => {
  const { begun, arrive } = requests();
  for (let place = 0; place < 30; place += 1) arrive("/waits");
  arrive("/health/live");
  expect(begun.at(-1)).toBe("/health/live");
});

test("a request whose client is gone does not begin", async () => {
  const { begun, arrive } = requests();
  for (let place = 0; place < 30; place += 1) arrive("/waits");
  arrive("/gone").destroy();
  await untilQuiet(begun);
  expect(begun).not.toContain("/gone");
});

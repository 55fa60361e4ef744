import { expect, onTestFinished, test, vi } from "vitest";
import { EgressFault } from "../egress/egress-fault.ts";
import type { FetchedBody } from "../egress/guarded-fetch.ts";
import { askApi } from "./ask-api.ts";

const REQUEST = { url: "https://api.test/call", headers: { authorization: "Bearer k" } };

function bodyOf(text: string, lengthBytes: number | null = null): FetchedBody {
  return {
    lengthBytes,
    chunks: (async function* () {
      yield Buffer.from(text);
    })(),
    close: () => undefined,
  };
}

/** An API that gives these answers one after another. A fault is thrown. */
function api(answers: (FetchedBody | EgressFault)[]) {
  const pauses: number[] = [];
  let requests = 0;
  const ports = {
    fetch: async () => {
      const answer = answers.shift();
      if (answer === undefined) throw new Error("the API was asked once too often");
      if (answer instanceof EgressFault) throw answer;
      return answer;
    },
    pause: async (ms: number) => void pauses.push(ms),
    onRequest: () => {
      requests += 1;
    },
  };
  const ask = () => askApi(REQUEST, ["api.test"], ports, new AbortController().signal);
  return { ask, pauses, requests: () => requests };
}

const busy = (retryAfterMs: number | null) =>
  new EgressFault("passing", "the server answered HTTP 429", { status: 429, retryAfterMs });

test("it waits for the time that the API asks for, and asks again", async () => {
  const { ask, pauses, requests } = api([busy(7_000), busy(null), bodyOf("[]")]);
  expect(Buffer.from(await ask()).toString()).toBe("[]");
  expect(pauses).toEqual([7_000, 2_000]);
  expect(requests()).toBe(3);
});

test("it gives up if it would have to wait for too long, and reports the time", async () => {
  const { ask, pauses } = api([busy(600_000)]);
  await expect(ask()).rejects.toMatchObject({ retryAfterMs: 600_000 });
  expect(pauses).toEqual([]);
});

test("it gives up after six attempts", async () => {
  const { ask, requests } = api(Array.from({ length: 6 }, () => busy(null)));
  await expect(ask()).rejects.toMatchObject({ status: 429 });
  expect(requests()).toBe(6);
});

test("a fault that is not passing is not tried again", async () => {
  const { ask, requests } = api([new EgressFault("gone", "the server answered HTTP 401", { status: 401 })]);
  await expect(ask()).rejects.toMatchObject({ status: 401 });
  expect(requests()).toBe(1);
});

test("a truncated answer is not used", async () => {
  const { ask, requests } = api([bodyOf("[{", 400), bodyOf("[]", 2)]);
  expect(Buffer.from(await ask()).toString()).toBe("[]");
  expect(requests()).toBe(2);
});

test("an answer that stops half-way is abandoned after a minute, and requested again", async () => {
  vi.useFakeTimers();
  onTestFinished(() => void vi.useRealTimers());
  const closed = Promise.withResolvers<never>();
  const chunks = (async function* () {
    yield Buffer.from("[{");
    await closed.promise;
  })();
  const { ask, requests } = api([
    { lengthBytes: 400, chunks, close: () => closed.reject(new Error("closed")) },
    bodyOf("[]"),
  ]);
  const answer = ask();
  await vi.advanceTimersByTimeAsync(60_000);
  expect(Buffer.from(await answer).toString()).toBe("[]");
  expect(requests()).toBe(2);
});

test("an answer that does not end is abandoned", async () => {
  const endless = { ...bodyOf(""), chunks: repeated(Buffer.alloc(1_048_576)) };
  await expect(api([endless]).ask()).rejects.toMatchObject({ kind: "unsuitable" });
});

async function* repeated(chunk: Uint8Array) {
  for (;;) yield chunk;
}

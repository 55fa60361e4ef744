import { createServer } from "node:http";
import type { Deployment } from "@call-ledger/ops/render";
import { releaseCode, rollBackCode } from "@call-ledger/ops/render";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import type { StandInRender } from "./stand-in.render.ts";
import { standInRender } from "./stand-in.render.ts";

const OLD = "0".repeat(40);
const NEW = "1".repeat(40);

let said: string[];
let stood: (string | null)[];
let previous: (string | null)[];
let render: StandInRender;

beforeEach(() => {
  said = [];
  stood = [];
  previous = [];
});

afterEach(() => render.stop());

const timeouts = { answerMs: 5_000, releaseMs: 60_000, pollMs: 10 };
const deployment = (changes: Partial<Deployment> = {}): Deployment => ({
  service: render.service,
  hook: render.hook,
  timeouts,
  progress: (line) => said.push(line),
  standsAt: (standing) => stood.push(standing?.message ?? null),
  ...changes,
});
const release = (changes: Partial<Deployment> = {}) =>
  releaseCode(deployment(changes), NEW, (commit) => previous.push(commit));

describe("a release", () => {
  test("orders its own commit, waits until it serves and is ready, and names the commit for a rollback", async () => {
    render = await standInRender(OLD, { slow: true });
    await release();
    expect([render.ordered, previous]).toEqual([[NEW], [OLD]]);
    expect(said).toEqual([
      "/health shows 000000000000, ready",
      `Render has the order for ${NEW}. Waiting until it serves, at most 60 s.`,
      "/health shows 000000000000, ready",
      "/health shows 111111111111, not ready",
      "/health shows 111111111111, ready",
      "111111111111 serves.",
    ]);
    expect(stood).toEqual([
      expect.stringContaining(`It is not known whether ${NEW} was ordered.`),
      null,
      expect.stringContaining(`Render has the order for ${NEW}.`),
    ]);
  });

  test("of the running commit orders nothing", async () => {
    render = await standInRender(NEW);
    await release();
    expect([render.ordered, previous, said]).toEqual([[], [null], [`${NEW} already runs.`]]);
  });

  test("after a release that does not report its commit has no commit for a rollback", async () => {
    render = await standInRender(null);
    await release();
    expect([render.ordered, previous]).toEqual([[NEW], [null]]);
  });

  test.each(["deadbeef\ninjected=yes\n::warning::", "main"])(
    "after a release that reports %j has no commit for a rollback, and does not print it",
    async (named) => {
      render = await standInRender(named);
      await release();
      expect([render.ordered, previous]).toEqual([[NEW], [null]]);
      expect(said.join("\n")).not.toContain(named);
    },
  );

  test("whose order gets no answer is awaited, and the doubt is said", async () => {
    render = await standInRender(OLD, { hangsUp: true });
    await release();
    expect(render.ordered).toEqual([NEW]);
    expect(said.slice(1, 2)).toEqual([
      `The deploy hook does not answer (UND_ERR_SOCKET). It is not known whether it took the order. Waiting until it serves, at most 60 s.`,
    ]);
    expect(said.at(-1)).toBe("111111111111 serves.");
  });

  test("that does not build fails at its timeout, after it named the commit for a rollback", async () => {
    render = await standInRender(OLD, { builds: false });
    await expect(release({ timeouts: { ...timeouts, releaseMs: 600 } })).rejects.toThrow(
      "111111111111 does not serve after 1 s. The last answer: /health shows 000000000000, ready.",
    );
    expect(previous).toEqual([OLD]);
  });

  test("has no commit for a rollback if the service reports something else than a commit", async () => {
    render = await standInRender(`${OLD}\ninjected=yes\n::warning::x`);
    await release();
    expect(previous).toEqual([null]);
    expect(said.join("\n")).not.toContain("injected");
  });

  test("is bounded if the service is frozen, and says that there is no answer", async () => {
    render = await standInRender(OLD);
    const frozen = createServer(() => undefined);
    await new Promise<void>((resolve) => frozen.listen(0, "127.0.0.1", resolve));
    const address = frozen.address();
    const service = new URL(`http://127.0.0.1:${typeof address === "object" ? address?.port : 0}`);
    const begun = Date.now();
    const released = release({ service, timeouts: { answerMs: 3_000, releaseMs: 1_000, pollMs: 10 } });
    await expect(released).rejects.toThrow(/does not serve after 1 s. The last answer: Nothing answers at/);
    expect(Date.now() - begun).toBeLessThan(5_900);
    expect(said.slice(0, 2)).toEqual([
      `Nothing answers at ${service.origin} (TimeoutError). It may be starting.`,
      "The commit that runs is not known.",
    ]);
    frozen.closeAllConnections();
    frozen.close();
  });

  test("fails if the service does not answer", async () => {
    render = await standInRender(OLD);
    const service = new URL("http://127.0.0.1:1");
    await expect(release({ service, timeouts: { ...timeouts, releaseMs: 600 } })).rejects.toThrow(
      "Nothing answers at",
    );
    expect(previous).toEqual([null]);
  });
});

describe("an error about a deploy hook does not contain its key", () => {
  const failureOf = async (hook: URL) => String(await release({ hook }).catch((error: unknown) => error));

  test("the hook refuses", async () => {
    render = await standInRender(OLD);
    const message = await failureOf(new URL("/deploy/srv-1?key=other-secret", render.service));
    expect(message).toMatch(/answered 401\. Nothing was deployed\. Its key is no longer valid/);
    expect(message).not.toContain("other-secret");
  });

  test("the hook does not answer", async () => {
    render = await standInRender(OLD);
    const message = await failureOf(new URL("http://127.0.0.1:1/deploy/srv-1?key=other-secret"));
    expect(message).toContain("does not answer");
    expect(message).not.toContain("other-secret");
  });
});

test("a rollback orders the commit before, and waits until it serves", async () => {
  render = await standInRender(NEW);
  await rollBackCode(deployment(), OLD);
  expect(render.ordered).toEqual([OLD]);
  expect(said.at(-1)).toBe("000000000000 serves.");
});

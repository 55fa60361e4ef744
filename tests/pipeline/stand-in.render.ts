import { createServer } from "node:http";

/** Replaces Render and the service that it runs. It is the only part of a deployment that is not on this machine. */
export type StandInRender = {
  readonly service: URL;
  /** The deploy hook, with its key. */
  readonly hook: URL;
  /** The ordered commits, in the order of the orders. */
  readonly ordered: readonly (string | null)[];
  stop(): Promise<void>;
};

/** A health report of the first release, which does not contain a commit. */
const HEALTHY = {
  status: "ok",
  database_size_mb: 12.5,
  services: { database: true, supabase: true, backgroundJobs: true },
  timestamp: "2026-03-12T15:05:00.000Z",
  uptime: 60,
};
const KEY = "not-for-anybodys-eyes";

/**
 * Starts a service that runs `commit`; `null` is a release that does not report its commit. An ordered commit runs
 * immediately. If `slow`, it runs after two more requests for its health, and is not ready at the first. If its build
 * fails, it never runs. If the hook `hangsUp`, it takes the order without an answer.
 */
export async function standInRender(
  commit: string | null,
  {
    slow = false,
    builds = true,
    hangsUp = false,
  }: { slow?: boolean; builds?: boolean; hangsUp?: boolean } = {},
): Promise<StandInRender> {
  let running = commit;
  let left = Number.POSITIVE_INFINITY;
  const ordered: (string | null)[] = [];
  const server = createServer((request, response) => {
    const url = new URL(request.url ?? "", "http://render.test");
    const answer = (status: number, body: unknown) => response.writeHead(status).end(JSON.stringify(body));
    if (url.pathname === "/deploy/srv-1") {
      if (request.method !== "POST" || url.searchParams.get("key") !== KEY) return answer(401, {});
      const ref = url.searchParams.get("ref");
      ordered.push(ref);
      if (builds) left = slow ? 2 : -1;
      if (hangsUp) return response.destroy();
      return answer(200, { deploy: { id: "dep-1" } });
    }
    if (url.pathname === "/health") {
      left -= 1;
      if (left < 0) running = ordered.at(-1) ?? running;
      return answer(200, { ...HEALTHY, ...(running === null ? {} : { commit: running }) });
    }
    return answer(left === -1 ? 503 : 200, {});
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const address = server.address();
  if (address === null || typeof address === "string") throw new Error("the stand-in has no port");
  const service = new URL(`http://127.0.0.1:${address.port}`);
  return {
    service,
    hook: new URL(`/deploy/srv-1?key=${KEY}`, service),
    ordered,
    stop: () => new Promise((resolve) => server.close(() => resolve())),
  };
}

import { createServer } from "node:http";

export type Answer = { readonly status: number; readonly body: unknown; readonly afterMs?: number };

type StandIn = {
  readonly url: string;
  /** Returns the number of answered requests. */
  asked(): number;
  stop(): void;
};

/** Starts a fake of the server's public routes, with answers that a real server gives only if it is broken. */
export async function standInServer(answers: {
  health(): Answer;
  webhook?(): Answer;
  /** The time in its answers; default: the real one. */
  readonly date?: Date;
}): Promise<StandIn> {
  let asked = 0;
  const server = createServer((request, response) => {
    request.resume().once("end", () => {
      const isHealth = request.url === "/health";
      asked += 1;
      const {
        status,
        body,
        afterMs = 0,
      } = isHealth ? answers.health() : (answers.webhook?.() ?? UNAUTHORIZED);
      setTimeout(() => {
        if (answers.date !== undefined) response.setHeader("date", answers.date.toUTCString());
        response.writeHead(status, { "content-type": "application/json" }).end(JSON.stringify(body));
      }, afterMs);
    });
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const address = server.address();
  const port = typeof address === "object" ? address?.port : undefined;
  return {
    url: `http://127.0.0.1:${port}`,
    asked: () => asked,
    stop: () => {
      server.closeAllConnections();
      server.close();
    },
  };
}

const UNAUTHORIZED: Answer = { status: 401, body: { title: "Unauthorized" } };

/** A report of a healthy server. */
export const HEALTHY = {
  status: "ok",
  database_size_mb: 125.4,
  services: { database: true, supabase: true, backgroundJobs: true },
  timestamp: "2026-03-12T15:05:00.000Z",
  uptime: 3600,
  version: "1.2.3",
  migration: { number: 3, tag: "0002_functions" },
  queue: { depth: 0, oldest_age_seconds: null as number | null, dead: 0 },
  storage: { limit_mb: 500, growth_mb_per_day: null, days_left: null },
  last_event_at: "2026-03-12T15:04:20.377Z",
  quarantined: 0,
};

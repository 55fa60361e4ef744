import { nobodyAt } from "./nobody-at.ts";

/** What a server says of itself; ages in seconds, sizes in megabytes. `null`: it does not know. */
type Health = {
  readonly status: string;
  readonly databaseSizeMb: number | null;
  readonly services: {
    readonly database: boolean;
    readonly supabase: boolean;
    readonly backgroundJobs: boolean;
  };
  readonly version: string | null;
  /** The hash of the commit that runs. */
  readonly commit: string | null;
  /** Seconds since the process started. */
  readonly uptime: number;
  readonly queueAgeSeconds: number | null;
  /** Uploads that were given up. */
  readonly dead: number | null;
  readonly quarantined: number | null;
  readonly limitMb: number | null;
  readonly lastEventAt: string | null;
};

export type HealthAnswer = {
  readonly httpStatus: number;
  /** From the request to the end of the answer; for the first request of a process, with the handshakes. */
  readonly ms: number;
  /** `null`: not the report that the deployment guide shows; `fault` says what is wrong with it. */
  readonly health: Health | null;
  readonly fault: string | null;
};

const DEADLINE_MS = 10_000;

/** Asks a server's `/health` once. Throws unreachable where nothing answers within ten seconds. */
export async function askHealth(server: URL): Promise<HealthAnswer> {
  const url = pathOn(server, "/health");
  const startedAt = performance.now();
  try {
    const response = await fetch(url, { redirect: "manual", signal: AbortSignal.timeout(DEADLINE_MS) });
    const text = await response.text();
    const ms = Math.round(performance.now() - startedAt);
    return { httpStatus: response.status, ms, ...readHealth(text) };
  } catch (error) {
    throw nobodyAt(url, error);
  }
}

/** An address below a server's own, whether or not that ends with a slash or names /health itself. */
function pathOn(server: URL, path: string): URL {
  const url = new URL(server);
  url.pathname = url.pathname.replace(/(\/health)?\/*$/, path);
  return url;
}

function readHealth(text: string): Pick<HealthAnswer, "health" | "fault"> {
  const document = objectIn(text);
  if (document === null) return { health: null, fault: "no JSON object" };
  const services = field(document, "services");
  const wrong = [
    ...(typeof field(document, "status") === "string" ? [] : ["status"]),
    ...(["number", "object"].includes(typeof field(document, "database_size_mb"))
      ? []
      : ["database_size_mb"]),
    ...["database", "supabase", "backgroundJobs"].flatMap((name) =>
      typeof field(services, name) === "boolean" ? [] : [`services.${name}`],
    ),
    ...(Number.isNaN(Date.parse(String(field(document, "timestamp")))) ? ["timestamp"] : []),
    ...(typeof field(document, "uptime") === "number" ? [] : ["uptime"]),
  ];
  if (wrong.length > 0) return { health: null, fault: `no ${wrong.join(", ")}` };
  const queue = field(document, "queue");
  return {
    fault: null,
    health: {
      status: String(field(document, "status")),
      databaseSizeMb: numberIn(document, "database_size_mb"),
      services: {
        database: field(services, "database") === true,
        supabase: field(services, "supabase") === true,
        backgroundJobs: field(services, "backgroundJobs") === true,
      },
      version: textIn(document, "version"),
      commit: textIn(document, "commit"),
      uptime: numberIn(document, "uptime") ?? 0,
      queueAgeSeconds: numberIn(queue, "oldest_age_seconds"),
      dead: numberIn(queue, "dead"),
      quarantined: numberIn(document, "quarantined"),
      limitMb: numberIn(field(document, "storage"), "limit_mb"),
      lastEventAt: textIn(document, "last_event_at"),
    },
  };
}

function objectIn(text: string): object | null {
  try {
    const document: unknown = JSON.parse(text);
    return typeof document === "object" ? document : null;
  } catch {
    return null;
  }
}

function field(object: unknown, name: string): unknown {
  return typeof object === "object" && object !== null ? Reflect.get(object, name) : undefined;
}

function numberIn(object: unknown, name: string): number | null {
  const value = field(object, name);
  return typeof value === "number" ? value : null;
}

function textIn(object: unknown, name: string): string | null {
  const value = field(object, name);
  return typeof value === "string" ? value : null;
}

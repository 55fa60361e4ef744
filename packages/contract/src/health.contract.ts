import { z } from "zod";

/** Programs print version and commit into logs, so a server must not be able to put lines or commands into them. */
const VERSION = /^[\w.+-]{1,64}$/;
const FAULT = /^[a-z_]{1,40}$/;
const COMMIT = /^[0-9a-f]{7,40}$/;

/**
 * A field that is `null` if an older release does not have it, or if the server does not show it without METRICS_TOKEN.
 * So a newer program can read the answer of an older server.
 */
const unlessOlder = <Schema extends z.ZodType>(schema: Schema) => schema.nullable().default(null);

/**
 * The answer of `GET /health`, which the api writes and ops reads. Sizes are megabytes of 1,048,576 bytes, ages are
 * seconds, times are ISO 8601. `null` means unknown, in most cases because the database does not answer.
 *
 * `services.supabase` is the storage of recordings: Supabase Storage, another S3 or a folder. It keeps this name
 * because the first monitors asked for it. `services.database`: the database can be read and written.
 * `services.backgroundJobs`: a worker sent a heartbeat within the last minute.
 */
export const healthSchema = z.object({
  /** error: the database does not answer, takes no writes or is almost full. degraded: another fault needs a person. */
  status: z.enum(["ok", "degraded", "error"]),
  database_size_mb: z.number().nullable(),
  services: z
    .object({ database: z.boolean(), supabase: z.boolean(), backgroundJobs: z.boolean() })
    .readonly(),
  /** Why `services.database` is false: one word such as `read_only` or `disk_full`. */
  database_fault: unlessOlder(z.string().regex(FAULT)),
  timestamp: z.iso.datetime(),
  /** Seconds since the process started. */
  uptime: z.number(),
  version: unlessOlder(z.string().regex(VERSION)),
  /** The hash of the running commit. */
  commit: unlessOlder(z.string().regex(COMMIT)),
  migration: unlessOlder(z.object({ number: z.number(), tag: z.string().nullable() }).readonly()),
  /** `depth`: recordings that wait for their upload. `dead`: uploads that were given up. */
  queue: unlessOlder(
    z.object({ depth: z.number(), oldest_age_seconds: z.number().nullable(), dead: z.number() }).readonly(),
  ),
  /** Upload jobs by state. */
  recordings: unlessOlder(
    z
      .object({
        pending: z.number(),
        /** Recordings that wait until the operator allows their host. */
        waiting: unlessOlder(z.number()),
        fetching: z.number(),
        stored: z.number(),
        failed: z.number(),
        expired: z.number(),
      })
      .readonly(),
  ),
  storage: unlessOlder(
    z
      .object({
        limit_mb: z.number(),
        growth_mb_per_day: z.number().nullable(),
        days_left: z.number().nullable(),
      })
      .readonly(),
  ),
  last_event_at: unlessOlder(z.iso.datetime()),
  /** Deliveries that wait for an agent or for a person. */
  quarantined: unlessOlder(z.number()),
  /** Calls of the last day that a person should look at, by reason. */
  attention: unlessOlder(
    z.object({ stuck: z.number(), missing_report: z.number(), no_caller_speech: z.number() }).readonly(),
  ),
  /** Housekeeping jobs that have not succeeded for three of their intervals. */
  housekeeping: unlessOlder(z.object({ late: z.array(z.string()).readonly() }).readonly()),
});

export type HealthStatus = Readonly<z.output<typeof healthSchema>>;

/** The part of the answer that a request without METRICS_TOKEN gets. Growth and the days left are `null`. */
export type PublicHealth = Pick<
  HealthStatus,
  | "status"
  | "database_size_mb"
  | "services"
  | "database_fault"
  | "timestamp"
  | "uptime"
  | "version"
  | "commit"
  | "storage"
>;

/** Reads the answer of a server. `fault` names the fields that are missing or of another type. Never throws. */
export function readHealth(
  text: string,
):
  | { readonly health: HealthStatus; readonly fault: null }
  | { readonly health: null; readonly fault: string } {
  const document = objectIn(text);
  if (document === null) return { health: null, fault: "no JSON object" };
  const { data, error } = healthSchema.safeParse(document);
  if (data !== undefined) return { health: data, fault: null };
  return { health: null, fault: `no ${error.issues.map(({ path }) => path.join(".")).join(", ")}` };
}

function objectIn(text: string): object | null {
  try {
    const document: unknown = JSON.parse(text);
    return typeof document === "object" ? document : null;
  } catch {
    return null;
  }
}

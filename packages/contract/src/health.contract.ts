import { WARNING_SHARE } from "@call-ledger/domain";
import { z } from "zod";

/** From more than this part of the size limit on, `status` is degraded and every check of the database's size fails. */
export { WARNING_SHARE };

/** Programs print both and hand them on, so that a server must not be able to put lines or commands into them. */
const VERSION = /^[\w.+-]{1,64}$/;
const FAULT = /^[a-z_]{1,40}$/;
const COMMIT = /^[0-9a-f]{7,40}$/;

/** What an older release does not say, or does not show without METRICS_TOKEN, is `null`, so that a newer program can read the answer of an older server. */
const unlessOlder = <Schema extends z.ZodType>(schema: Schema) => schema.nullable().default(null);

/**
 * The answer of `GET /health`, which the api writes and ops reads. Sizes are megabytes of 1,048,576 bytes, ages seconds,
 * times ISO 8601. `null`: not known, in most cases because the database does not answer.
 *
 * `services.supabase` is the storage of recordings, whether it is Supabase Storage, another S3 or a folder; the first
 * monitors asked for it by this name. `services.database`: it can be read and written. `services.backgroundJobs` is a worker's heartbeat within a minute.
 */
export const healthSchema = z.object({
  /** error: the database does not answer, takes no writes or is almost full; degraded: something else needs a person. */
  status: z.enum(["ok", "degraded", "error"]),
  database_size_mb: z.number().nullable(),
  services: z
    .object({ database: z.boolean(), supabase: z.boolean(), backgroundJobs: z.boolean() })
    .readonly(),
  /** Why `services.database` is false, in a word such as `read_only` or `disk_full`. */
  database_fault: unlessOlder(z.string().regex(FAULT)),
  timestamp: z.iso.datetime(),
  /** Seconds since the process started. */
  uptime: z.number(),
  version: unlessOlder(z.string().regex(VERSION)),
  /** The hash of the commit that runs. */
  commit: unlessOlder(z.string().regex(COMMIT)),
  migration: unlessOlder(z.object({ number: z.number(), tag: z.string().nullable() }).readonly()),
  /** Recordings that wait for their upload, and `dead`: uploads that were given up. */
  queue: unlessOlder(
    z.object({ depth: z.number(), oldest_age_seconds: z.number().nullable(), dead: z.number() }).readonly(),
  ),
  /** Upload jobs by state. */
  recordings: unlessOlder(
    z
      .object({
        pending: z.number(),
        /** Until the operator allows their host. */
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
  /** Calls of the last day that somebody should look at, by the reason. */
  attention: unlessOlder(
    z.object({ stuck: z.number(), missing_report: z.number(), no_caller_speech: z.number() }).readonly(),
  ),
  /** Housekeeping jobs that have not succeeded for three of their intervals. */
  housekeeping: unlessOlder(z.object({ late: z.array(z.string()).readonly() }).readonly()),
});

export type HealthStatus = Readonly<z.output<typeof healthSchema>>;

/** As much of the report as a request without METRICS_TOKEN is shown. Growth and the days left are `null`. */
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

/** Reads what a server answered; `fault` names the fields that are missing or of another type. Never throws. */
export function readHealth(
  text: string,
):
  | { readonly report: HealthStatus; readonly fault: null }
  | { readonly report: null; readonly fault: string } {
  const document = objectIn(text);
  if (document === null) return { report: null, fault: "no JSON object" };
  const { data, error } = healthSchema.safeParse(document);
  if (data !== undefined) return { report: data, fault: null };
  return { report: null, fault: `no ${error.issues.map(({ path }) => path.join(".")).join(", ")}` };
}

function objectIn(text: string): object | null {
  try {
    const document: unknown = JSON.parse(text);
    return typeof document === "object" ? document : null;
  } catch {
    return null;
  }
}

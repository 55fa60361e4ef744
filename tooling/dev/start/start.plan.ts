/** The mode in which `npm start` runs. Only the environment decides it. */
export type StartPlan =
  /** Only the api: no migration, no seed, no embedded database. */
  | { readonly kind: "production"; readonly port: number }
  /** The database of DATABASE_URL: it is migrated, nothing is seeded. */
  | {
      readonly kind: "given-database";
      readonly port: number;
      readonly ownerUrl: string;
      readonly secret?: string;
    }
  /** A Postgres of our own: it is migrated, and a demo organization and agent are seeded. */
  | { readonly kind: "embedded"; readonly port: number; readonly secret?: string };

/** Environment variables by name; an empty one counts as unset. */
export type Environment = Readonly<Record<string, string | undefined>>;

/** An error in the environment that the person who starts the server has to correct. */
export class StartRefusal extends Error {}

const DEFAULT_PORT = 3001;

/** @throws StartRefusal on a bad PORT, and in production without a database or a webhook secret */
export function planStart(environment: Environment): StartPlan {
  const env = withoutEmpty(environment);
  const port = parsePort(env.PORT);
  if (env.NODE_ENV === "production") {
    const missing = ["DATABASE_URL", "VAPI_WEBHOOK_SECRET"].filter((name) => env[name] === undefined);
    if (missing.length === 0) return { kind: "production", port };
    throw new StartRefusal(
      `NODE_ENV=production needs ${missing.join(" and ")}: there is no embedded database and no demo secret in production.`,
    );
  }
  const secret = env.VAPI_WEBHOOK_SECRET === undefined ? {} : { secret: env.VAPI_WEBHOOK_SECRET };
  const ownerUrl = env.DIRECT_DATABASE_URL ?? env.DATABASE_URL;
  if (env.DATABASE_URL === undefined || ownerUrl === undefined) return { kind: "embedded", port, ...secret };
  return { kind: "given-database", port, ownerUrl, ...secret };
}

/** Returns the environment without its empty variables. */
export function withoutEmpty(environment: Environment): Record<string, string> {
  const set = Object.entries(environment).filter((entry): entry is [string, string] => Boolean(entry[1]));
  return Object.fromEntries(set);
}

/** Development servers listen on this address, so that only this machine reaches them, unless LISTEN_HOST is set. */
export const LOOPBACK = "127.0.0.1";

/** Returns the host part of a URL on this machine for a server that listens on `host`. */
export function urlHost(host: string): string {
  if (host === "0.0.0.0" || host === "::") return LOOPBACK;
  return host.includes(":") ? `[${host}]` : host;
}

function parsePort(value: string | undefined): number {
  if (value === undefined) return DEFAULT_PORT;
  const port = /^\d{1,5}$/.test(value) ? Number(value) : 0;
  if (port >= 1 && port <= 65_535) return port;
  throw new StartRefusal("PORT must be a number from 1 to 65535.");
}

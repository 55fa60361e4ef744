import { z } from "zod";
import { STORAGE_VARIABLES } from "./storage.variables.ts";
import { VAPI_VARIABLES } from "./vapi.variables.ts";
import { anyOf, HOST_AND_PORT, oneOf, optional, url, variablesOf, WEB_URL, whole } from "./variable.ts";
import { WORK_VARIABLES } from "./work.variables.ts";

const server = variablesOf("Server");
const database = variablesOf("Database");
const accounts = variablesOf("Provider accounts");
const operation = variablesOf("Operation");

const DATABASE_URL = url("postgres", "postgresql");
const HOST_NAME = /^[A-Za-z0-9.:-]{1,253}$/;

/** 32 bytes, as base64 or as hex. */
const KEY_OF_32_BYTES = /^(?:[A-Za-z0-9+/]{43}=|[0-9a-fA-F]{64})$/;

/** All variables that the product reads, in the order of `.env.example`. */
export const VARIABLES = {
  NODE_ENV: server(
    "development, test or production; production refuses to start without a database and a secret.",
    oneOf(["development", "test", "production"], "development"),
  ),
  PORT: server(
    "TCP port that the server listens on, 0 to 65535; 0 selects any free port.",
    whole(0, 65_535, 3001),
  ),
  LISTEN_HOST: server(
    "Address that the server listens on; empty: all, or 127.0.0.1 under npm start.",
    optional(z.string().regex(HOST_NAME, "must be an IP address or a host name")),
  ),
  PUBLIC_URL: server(
    "Public URL of the server, without a trailing slash. Needed behind a proxy that changes the Host, for signatures that cover the URL.",
    optional(WEB_URL),
  ),
  CONSOLE_PATH: server("Folder of the built console; empty: beside the built server.", optional(z.string())),
  BODY_LIMIT_MB: server("Largest delivery in megabytes, 1 to 100; a larger one gets 413.", whole(1, 100, 5)),
  API_REQUESTS_PER_MINUTE: server(
    "Requests that one API key or session, and changes that one organization may send in a minute, 10 to 1000000. Each process counts separately.",
    whole(10, 1_000_000, 1_200),
  ),
  LOG_LEVEL: server(
    "Lowest level that is logged: debug, info, warn, error or silent.",
    oneOf(["debug", "info", "warn", "error", "silent"], "info"),
  ),

  DATABASE_URL: database(
    "URL of Postgres for the application's login. It may be a pooler in transaction mode.",
    optional(DATABASE_URL),
    { requiredInProduction: true },
  ),
  DIRECT_DATABASE_URL: database(
    "URL of Postgres for its owner, without a transaction pooler. Used for migrations.",
    optional(DATABASE_URL),
  ),
  DATABASE_LIMIT_MB: database(
    "Size in megabytes at which the database stops taking data; /health warns from 80 % of it on.",
    whole(10, 100_000_000, 500),
  ),

  ...VAPI_VARIABLES,

  WEBHOOK_TOLERANCE_SECONDS: accounts(
    "Max age in seconds of a delivery's signed time, 60 to 31536000. It is long because a retry may keep the first time. At most EVENT_RETENTION_DAYS.",
    whole(60, 31_536_000, 86_400),
  ),
  ENCRYPTION_KEY: accounts(
    "Key that encrypts the secrets of provider accounts and signs links to recordings: 32 bytes as base64 or hex (`openssl rand -base64 32`).",
    optional(z.string().regex(KEY_OF_32_BYTES, "must be 32 bytes as base64 or hex: openssl rand -base64 32")),
    { secret: true },
  ),

  ...WORK_VARIABLES,

  ...STORAGE_VARIABLES,

  METRICS_TOKEN: operation(
    "Bearer token that /metrics requires, and /health for its details.",
    optional(z.string()),
    { secret: true },
  ),
  ALERT_HOSTS: operation(
    "host:port pairs that alert channels may reach at addresses that are not public, such as your own mail server, separated by commas.",
    anyOf(HOST_AND_PORT, "host:port pairs"),
  ),
  RENDER_DEPLOY_HOOK_URL: operation("Render's deploy hook.", optional(WEB_URL), { secret: true }),
  RENDER_GIT_COMMIT: operation(
    "Hash of the running commit, for /health. Render sets it.",
    optional(z.string().regex(/^[0-9a-f]{7,40}$/, "must be the hash of a commit")),
  ),
  OTEL_EXPORTER_OTLP_ENDPOINT: operation(
    "URL to which traces are sent. Without it no traces are sent.",
    optional(WEB_URL),
  ),
};

export const environmentSchema = z.object(VARIABLES);

/**
 * The validated environment: one property for each variable, named after it. A variable that is not set and has no
 * default is `null`.
 */
export type Config = Readonly<z.output<typeof environmentSchema>>;

/** Returns the names of all variables, in the order of `.env.example`. */
export function variableNames(): (keyof Config)[] {
  return environmentSchema.keyof().options;
}

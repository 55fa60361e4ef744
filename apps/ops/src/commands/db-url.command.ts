import type { Command } from "../cli/command.ts";
import { ownerUrl } from "../database/owner-url.ts";

/** Parameters that libpq knows; it refuses a URL with any other (Postgres documentation, 34.1.2). */
const LIBPQ = new Set(
  `application_name channel_binding client_encoding connect_timeout dbname fallback_application_name gssencmode host
  hostaddr keepalives keepalives_count keepalives_idle keepalives_interval load_balance_hosts options passfile password
  port require_auth service sslcert sslcompression sslcrl sslkey sslmode sslnegotiation sslpassword sslrootcert sslsni
  ssl_max_protocol_version ssl_min_protocol_version target_session_attrs tcp_user_timeout user`.split(/\s+/),
);

export const dbUrlCommand: Command = {
  about:
    "Prints the URL of the database's owner, password included, as psql and pg_dump take it: DIRECT_DATABASE_URL, else " +
    "DATABASE_URL, else the database of a local npm start. It does not try whether anybody answers there.",
  options: {},
  examples: ["db url", "db url --json   prints {url}"],

  async run(_input, { env }) {
    const url = new URL(ownerUrl(env));
    for (const name of [...url.searchParams.keys()]) if (!LIBPQ.has(name)) url.searchParams.delete(name);
    return { document: { url: url.href }, text: [url.href] };
  },
};

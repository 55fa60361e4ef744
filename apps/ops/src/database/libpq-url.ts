/** The parameters that libpq knows. It refuses a URL with any other (Postgres documentation, 34.1.2). */
const LIBPQ = new Set(
  `application_name channel_binding client_encoding connect_timeout dbname fallback_application_name gssencmode host
  hostaddr keepalives keepalives_count keepalives_idle keepalives_interval load_balance_hosts options passfile password
  port require_auth service sslcert sslcompression sslcrl sslkey sslmode sslnegotiation sslpassword sslrootcert sslsni
  ssl_max_protocol_version ssl_min_protocol_version target_session_attrs tcp_user_timeout user`.split(/\s+/),
);

/** Returns a database's URL in the form of psql and pg_dump. */
export function libpqUrl(url: string): URL {
  const known = new URL(url);
  for (const name of [...known.searchParams.keys()]) if (!LIBPQ.has(name)) known.searchParams.delete(name);
  return known;
}

/**
 * Returns the same URL without its password, which is passed in the environment, because every process can read
 * arguments.
 */
export function libpqLogin(url: string): { readonly url: string; readonly env: Record<string, string> } {
  const known = libpqUrl(url);
  const password = decodeURIComponent(known.password);
  known.password = "";
  return { url: known.href, env: password === "" ? {} : { PGPASSWORD: password } };
}

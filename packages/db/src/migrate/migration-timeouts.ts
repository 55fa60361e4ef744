/** How long a migration waits for a table in use. Every delivery behind it waits as long. */
export const LOCK_TIMEOUT = "5s";
/** The max time of one statement of `drizzle-kit migrate`. */
export const STATEMENT_TIMEOUT = "10min";

/**
 * Returns a Postgres URL whose connections have a name and both timeouts from their start. Text that is not a URL is returned
 * unchanged.
 */
export function urlWithTimeouts(url: string): string {
  const bounded = URL.parse(url);
  if (bounded === null) return url;
  const before = bounded.searchParams.get("options") ?? "";
  const timeouts = `-c lock_timeout=${LOCK_TIMEOUT} -c statement_timeout=${STATEMENT_TIMEOUT}`;
  bounded.searchParams.set("application_name", "drizzle-kit");
  bounded.searchParams.set("options", `${before} ${timeouts}`.trim());
  return bounded.href;
}

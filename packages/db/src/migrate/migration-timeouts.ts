/** How long a migration waits for a table that is in use: every delivery behind it waits as long. */
export const LOCK_TIMEOUT = "5s";
/** How long one statement of `drizzle-kit migrate` may run. */
export const STATEMENT_TIMEOUT = "10min";

/** A Postgres URL whose connections have both timeouts from their start; what is no URL is returned as it is. */
export function urlWithTimeouts(url: string): string {
  const bounded = URL.parse(url);
  if (bounded === null) return url;
  const before = bounded.searchParams.get("options") ?? "";
  const timeouts = `-c lock_timeout=${LOCK_TIMEOUT} -c statement_timeout=${STATEMENT_TIMEOUT}`;
  bounded.searchParams.set("options", `${before} ${timeouts}`.trim());
  return bounded.href;
}

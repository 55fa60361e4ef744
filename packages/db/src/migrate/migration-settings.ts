/** How long a migration waits for a table in use. Every delivery behind it waits as long. */
export const LOCK_TIMEOUT = "5s";
/** The max time of one statement of `drizzle-kit migrate`. */
export const STATEMENT_TIMEOUT = "10min";
/** The setting of a migration's connection, because the first tables are created without their schema. */
export const IN_PUBLIC = "search_path = public";

/**
 * Returns a Postgres URL whose connections have a name, both timeouts and the schema `public` from their start. Text
 * that is not a URL is returned unchanged.
 */
export function urlForMigrations(url: string): string {
  const target = URL.parse(url);
  if (target === null) return url;
  const before = target.searchParams.get("options") ?? "";
  const settings = `-c lock_timeout=${LOCK_TIMEOUT} -c statement_timeout=${STATEMENT_TIMEOUT} -c search_path=public`;
  target.searchParams.set("application_name", "drizzle-kit");
  target.searchParams.set("options", `${before} ${settings}`.trim());
  return target.href;
}

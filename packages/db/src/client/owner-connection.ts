import postgres from "postgres";
import { reconnectSeconds } from "./reconnect.ts";

/**
 * Opens one connection as the database's owner, for work that a person or a pipeline waits for. It closes at the end of
 * its scope (`await using`). `name` is its application name.
 */
export function ownerConnection(
  url: string,
  name: string,
  connectSeconds = 5,
): postgres.Sql & AsyncDisposable {
  const sql = postgres(url, {
    max: 1,
    prepare: false,
    fetch_types: false,
    connect_timeout: connectSeconds,
    backoff: reconnectSeconds,
    onnotice: () => undefined,
    connection: { application_name: name, DateStyle: "ISO, MDY" },
  });
  return Object.assign(sql, { [Symbol.asyncDispose]: () => sql.end({ timeout: 1 }) });
}

import postgres from "postgres";
import { reconnectSeconds } from "./reconnect.ts";

/**
 * Opens one connection as the database's owner, for work that a person or a pipeline waits for. `name` is its
 * application name.
 */
export function ownerConnection(url: string, name: string, connectSeconds = 5): postgres.Sql {
  return postgres(url, {
    max: 1,
    prepare: false,
    fetch_types: false,
    connect_timeout: connectSeconds,
    backoff: reconnectSeconds,
    onnotice: () => undefined,
    connection: { application_name: name },
  });
}

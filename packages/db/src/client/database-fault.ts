/** The fault of a database, as `/health`, the log and the operator's commands name it. */
export type DatabaseFault = {
  /** The name, in snake_case. */
  readonly name: string;
  /** What the database does, as the end of a sentence: `takes no writes`. */
  readonly says: string;
  /** What to do about it, as a sentence. */
  readonly next: string;
};

/** Codes are SQLSTATEs, codes of the driver, and codes of sockets. The first line that matches decides. */
const FAULTS: readonly (readonly [codes: RegExp, name: string, says: string, next: string])[] = [
  [
    /^25006$/,
    "read_only",
    "takes no writes",
    "Make room or take a larger plan (Supabase does this at the plan's size limit), then: psql \"$DATABASE_URL\" -c 'set default_transaction_read_only = off' -c 'alter database \"NAME\" reset default_transaction_read_only'. A standby is never written to.",
  ],
  [
    /^53100$/,
    "disk_full",
    "has no room on its disk",
    "Give it a larger disk or plan, or remove what is not the ledger's. Deliveries get 503 until then.",
  ],
  [
    /^53300$/,
    "too_many_connections",
    "has no connection left",
    "Stop what does not need its connections (pg_stat_activity lists them), use a pooler, or raise max_connections.",
  ],
  [
    /^53...$/,
    "out_of_resources",
    "is out of memory or of another resource",
    "Look at its load, or take a larger plan.",
  ],
  [
    /^28...$/,
    "login_refused",
    "refuses the login",
    "Compare user and password of the URL with the database's. The command db login makes the server's login anew.",
  ],
  [
    /^3D000$/,
    "no_such_database",
    "is not there under this name",
    "Check the name at the end of the URL, or create the database.",
  ],
  [
    /^POOLER_KNOWS_NO_PROJECT$/,
    "no_such_project",
    "is not known to its pooler",
    "Check the project in the URL's user name. A paused project is resumed in its dashboard.",
  ],
  [/^57P0[345]$/, "starting", "is starting, stopping or recovering", "Wait; its own log says how far it is."],
  [/^58...$/, "io_error", "cannot read or write its own files", "Look at its log and at its disk."],
  [
    /^57014$/,
    "too_slow",
    "took longer than a statement may",
    "Look at its load and at locks: pg_stat_activity.",
  ],
  [
    /^55P03$/,
    "table_in_use",
    "has a table in use for longer than was waited",
    "pg_stat_activity shows the transaction that holds it (oldest xact_start): end it, or try again when it is quieter.",
  ],
  [/^40...$/, "contended", "could not order two transactions", "Try again."],
  [
    /^(ENOTFOUND|EAI_\w+)$/,
    "no_such_host",
    "has a host name that nobody knows",
    "Check the host in the URL. The host of a paused project is gone until it is resumed in its dashboard.",
  ],
  [
    /CERT|^ERR_(TLS|SSL)|SIGNATURE|^EPROTO$/,
    "certificate_refused",
    "shows a certificate that is not trusted",
    "Check sslmode and the host in the URL.",
  ],
  [
    /^(ECONNREFUSED|EHOSTUNREACH|ENETUNREACH|ETIMEDOUT|CONNECT_TIMEOUT)$/,
    "no_answer",
    "cannot be reached",
    "Check that it runs, and host and port of the URL. A paused project is resumed in its dashboard.",
  ],
  [/^DEADLINE$/, "too_slow", "did not answer in time", "Look at its load, and at the way to it."],
  [
    /^(CONNECTION_|ECONN|EPIPE|08...$|57P0[12])/,
    "connection_lost",
    "closed the connection",
    "It was restarted, or the proxy in front of it cannot reach it. Wait until it answers again.",
  ],
];

/**
 * Returns the fault of a `DbError`'s code; `null`: the database works and refused the request itself. `database` is the
 * name in the statements to run, if it is known.
 */
export function databaseFault(code: string, database = "NAME"): DatabaseFault | null {
  const fault = asFault(FAULTS.find(([codes]) => codes.test(code)));
  return fault && { ...fault, next: fault.next.replace("NAME", () => database) };
}

/** Returns the fault with the name that a server reported; `null`: this release does not know it. */
export function faultNamed(name: string | null): DatabaseFault | null {
  return asFault(FAULTS.find(([, known]) => known === name));
}

function asFault(line: (typeof FAULTS)[number] | undefined): DatabaseFault | null {
  if (line === undefined) return null;
  const [, name, says, next] = line;
  return { name, says, next };
}

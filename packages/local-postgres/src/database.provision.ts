import postgres from "postgres";

/** The database's name in the URLs of the embedded database. */
const DATABASE = "call_ledger";
const OWNER = "call_ledger_owner";

export type ProvisionedDatabase = {
  /**
   * The owner's URL, for migrations. The owner may create roles, is no superuser and is bound by row-level security.
   */
  readonly ownerUrl: string;
};

/**
 * Creates the database and its owner on first use. `superuserUrl`: URL of the cluster's superuser. `ownerPassword`:
 * letters, digits, `-` and `_` only; set anew every time.
 */
export async function provisionDatabase(
  superuserUrl: string,
  ownerPassword: string,
): Promise<ProvisionedDatabase> {
  if (!/^[A-Za-z0-9_-]+$/.test(ownerPassword))
    throw new Error("The owner's password has characters it may not have.");
  const sql = postgres(superuserUrl, { max: 1, onnotice: () => {} });
  try {
    const [role] = await sql`SELECT 1 FROM pg_roles WHERE rolname = ${OWNER}`;
    const verb = role ? "ALTER" : "CREATE";
    await sql.unsafe(
      `${verb} ROLE ${OWNER} LOGIN NOSUPERUSER NOCREATEDB CREATEROLE NOREPLICATION NOBYPASSRLS PASSWORD '${ownerPassword}'`,
    );
    const [database] = await sql`SELECT 1 FROM pg_database WHERE datname = ${DATABASE}`;
    if (!database) await sql.unsafe(`CREATE DATABASE ${DATABASE} OWNER ${OWNER}`);
  } finally {
    await sql.end();
  }
  const url = new URL(superuserUrl);
  url.username = OWNER;
  url.password = ownerPassword;
  url.pathname = DATABASE;
  return { ownerUrl: url.href };
}

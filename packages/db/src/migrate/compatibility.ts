import { MIGRATIONS_FOLDER, readJournal } from "./journal.ts";

/** The version of the schema and the oldest code that may run on it, from `call_ledger.schema_state`. */
export type SchemaState = { readonly version: number; readonly oldestCode: number };

/** Returns the migrations that this release knows. Their number is its place in the schema's history. */
export function knownMigrations(folder: string = MIGRATIONS_FOLDER): readonly string[] {
  return readJournal(folder).map(({ tag }) => tag);
}

/**
 * Returns why code that knows `known` migrations must not run on a schema, or `null` if it may. Code may run on a newer
 * schema, unless a breaking migration excludes code of this age.
 */
export function incompatibility(schema: SchemaState, known: number): string | null {
  if (schema.version < known) return `the schema has ${schema.version} of ${known} migrations: run migrate`;
  if (schema.oldestCode > known) {
    return `the schema needs a release that knows ${schema.oldestCode} migrations, this one knows ${known}`;
  }
  return null;
}

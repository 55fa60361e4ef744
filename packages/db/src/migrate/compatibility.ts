import { MIGRATIONS_FOLDER, readJournal } from "./journal.ts";

/** The schema's own word about itself, from `call_ledger.schema_state`. */
export type SchemaState = { readonly version: number; readonly oldestCode: number };

/** How many migrations this release knows: its place in the schema's history. */
export function knownMigrations(folder: string = MIGRATIONS_FOLDER): readonly string[] {
  return readJournal(folder).map(({ tag }) => tag);
}

/**
 * Why code that knows `known` migrations must not run on a schema, or `null` when it may.
 * A newer schema is fine unless a breaking migration has said that code this old may not run on it.
 */
export function incompatibility(schema: SchemaState, known: number): string | null {
  if (schema.version < known) return `the schema has ${schema.version} of ${known} migrations: run migrate`;
  if (schema.oldestCode > known) {
    return `the schema needs a release that knows ${schema.oldestCode} migrations, this one knows ${known}`;
  }
  return null;
}

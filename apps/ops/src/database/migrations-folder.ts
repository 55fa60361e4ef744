import { existsSync } from "node:fs";
import { join, resolve } from "node:path";
import { usage } from "../cli/command.ts";

/** Reads an option that names a folder of migrations. Throws a usage error if the folder contains none. */
export function migrationsFolder(text: string, option: string): string {
  const folder = resolve(text);
  if (existsSync(join(folder, "meta", "_journal.json"))) return folder;
  throw usage(`${option} has to be a folder of migrations: it has no meta/_journal.json.`);
}

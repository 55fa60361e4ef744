import { existsSync } from "node:fs";
import { join, resolve } from "node:path";
import type { Input } from "../cli/command.ts";
import { usage } from "../cli/command.ts";
import { optionalText } from "../cli/values.ts";

/** The folder that --migrations names; `undefined`: this release's own. Throws a usage error where it holds no migrations. */
export function migrationsFolder(input: Input): string | undefined {
  const given = optionalText(input, "migrations");
  if (given === undefined) return undefined;
  const folder = resolve(given);
  if (existsSync(join(folder, "meta", "_journal.json"))) return folder;
  throw usage("--migrations is a folder of migrations: meta/_journal.json is not in it.");
}

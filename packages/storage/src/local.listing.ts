import { opendir, stat } from "node:fs/promises";
import { join, relative, sep } from "node:path";
import type { ListedObject } from "./object-storage.ts";

const MAX_AT_ONCE = 500;

/**
 * Lists the files below `base/prefix` in small groups, with their keys. The folder's tree is never in memory as a
 * whole.
 */
export async function* filesBelow(base: string, prefix: string): AsyncGenerator<readonly ListedObject[]> {
  let found: ListedObject[] = [];
  for await (const file of filesIn(join(base, prefix))) {
    const about = await stat(file).catch(missing);
    if (about === null) continue;
    const key = relative(base, file).split(sep).join("/");
    found.push({ key, sizeBytes: about.size, modifiedAt: about.mtimeMs });
    if (found.length < MAX_AT_ONCE) continue;
    yield found;
    found = [];
  }
  if (found.length > 0) yield found;
}

async function* filesIn(folder: string): AsyncGenerator<string> {
  const entries = await opendir(folder).catch(missing);
  for await (const entry of entries ?? []) {
    // Files that are being written are in a hidden folder.
    if (entry.name.startsWith(".")) continue;
    const path = join(folder, entry.name);
    if (entry.isDirectory()) yield* filesIn(path);
    else if (entry.isFile()) yield path;
  }
}

/** Returns `null` for the error of a file or folder that is not there. Throws any other error. */
export function missing(error: unknown): null {
  if (error instanceof Error && "code" in error && error.code === "ENOENT") return null;
  throw error;
}

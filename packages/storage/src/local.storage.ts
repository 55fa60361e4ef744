import { randomUUID } from "node:crypto";
import { createReadStream } from "node:fs";
import type { FileHandle } from "node:fs/promises";
import { access, constants, link, mkdir, open, readdir, rm, stat } from "node:fs/promises";
import { dirname, join, resolve, sep } from "node:path";
import { filesBelow, missing } from "./local.listing.ts";
import type { IncomingObject, ObjectStorage } from "./object-storage.ts";
import { StorageFault } from "./storage-fault.ts";

/**
 * The folder of unfinished files. It is on the same file system as the objects, so that a file can be linked into
 * place.
 */
const INCOMING = ".incoming";
/** Longer than any upload. An older file was left by a process that was killed. */
const ABANDONED_MS = 3_600_000;

/**
 * Stores objects as files below `root`. A file is written in a folder beside them, flushed to the disk and then linked
 * into place. The link either creates the whole object or finds an existing one, even if the process is killed at any
 * moment.
 */
export function localStorage(root: string): ObjectStorage {
  const base = resolve(root);
  const fileOf = (key: string) => {
    const file = resolve(base, key);
    if (!file.startsWith(base + sep)) throw new StorageFault("an object's key leaves the folder");
    return file;
  };
  return {
    begin: (key) => mapped(async () => beginFile(base, fileOf(key))),
    read: (key, range) =>
      mapped(async () => {
        const found = await stat(fileOf(key)).catch(missing);
        if (found === null) return null;
        const { from = 0, to = null } = range ?? {};
        const part = { start: from, ...(to === null ? {} : { end: to }) };
        return { sizeBytes: found.size, chunks: mappedChunks(createReadStream(fileOf(key), part)) };
      }),
    remove: (key) => mapped(() => rm(fileOf(key), { force: true })),
    list: (prefix) => mappedChunks(filesBelow(base, prefix)),
    removeAbandoned: ({ begunBefore }) => mapped(() => removeAbandoned(join(base, INCOMING), begunBefore)),
    async reachable() {
      try {
        await mkdir(base, { recursive: true });
        await access(base, constants.W_OK);
        return true;
      } catch {
        return false;
      }
    },
  };
}

async function beginFile(base: string, target: string): Promise<IncomingObject> {
  const folder = join(base, INCOMING);
  await mkdir(folder, { recursive: true, mode: 0o700 });
  await removeAbandoned(folder, Date.now() - ABANDONED_MS);
  const temporary = join(folder, randomUUID());
  const handle = await open(temporary, "wx", 0o600);
  let closed = false;
  const close = async () => {
    if (!closed) await handle.close();
    closed = true;
  };
  return {
    write: (chunk) => mapped(() => writeAll(handle, chunk)),
    publish: () =>
      mapped(async () => {
        await handle.sync();
        await close();
        await makeFolder(base, dirname(target));
        const outcome = await linkInto(temporary, target);
        await rm(temporary, { force: true });
        await syncFolder(dirname(target));
        return outcome;
      }),
    async discard() {
      await close().catch(() => undefined);
      await rm(temporary, { force: true }).catch(() => undefined);
    },
  };
}

async function writeAll(handle: FileHandle, chunk: Uint8Array): Promise<void> {
  for (let written = 0; written < chunk.length; ) {
    const { bytesWritten } = await handle.write(chunk, written);
    written += bytesWritten;
  }
}

async function linkInto(temporary: string, target: string): Promise<"published" | "exists"> {
  try {
    await link(temporary, target);
    return "published";
  } catch (error) {
    if (codeOf(error) === "EEXIST") return "exists";
    throw error;
  }
}

/** Creates a folder durably. A new folder is durable only after its parent was flushed. */
async function makeFolder(base: string, folder: string): Promise<void> {
  const first = await mkdir(folder, { recursive: true, mode: 0o700 });
  if (first === undefined) return;
  for (let at = folder; at.startsWith(base); at = dirname(at)) await syncFolder(at);
}

async function syncFolder(folder: string): Promise<void> {
  const handle = await open(folder, "r");
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
}

/** Removes unfinished files whose last write was before `touchedBefore`. A file in use was written more recently. */
async function removeAbandoned(folder: string, touchedBefore: number): Promise<number> {
  let removed = 0;
  for (const name of (await readdir(folder).catch(missing)) ?? []) {
    const found = await stat(join(folder, name)).catch(missing);
    if (found === null || found.mtimeMs >= touchedBefore) continue;
    await rm(join(folder, name), { force: true });
    removed += 1;
  }
  return removed;
}

async function* mappedChunks<T>(stream: AsyncIterable<T>): AsyncGenerator<T> {
  try {
    yield* stream;
  } catch (error) {
    throw storageFault(error);
  }
}

async function mapped<T>(work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    throw storageFault(error);
  }
}

/** Names the system's error code and no path. */
function storageFault(error: unknown): StorageFault {
  if (error instanceof StorageFault) return error;
  const code = codeOf(error);
  const full = ["ENOSPC", "EDQUOT", "EFBIG"].includes(code);
  return new StorageFault(full ? "the storage is full" : `the storage failed (${code})`);
}

function codeOf(error: unknown): string {
  return error instanceof Error && "code" in error ? String(error.code) : "unknown";
}

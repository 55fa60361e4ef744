import { createHash } from "node:crypto";
import { freeBytes } from "@call-ledger/process/memory";
import type { ObjectStorage } from "./object-storage.ts";

/** The size and the hash of an object at the time when it was stored. */
export type ExpectedObject = {
  readonly path: string;
  readonly sizeBytes: number;
  readonly sha256: Uint8Array;
};

/**
 * Reads an object back, every byte of it, and compares it. Keeps one chunk in memory. Throws StorageFault.
 */
export async function compareObject(
  storage: Pick<ObjectStorage, "read">,
  { path, sizeBytes, sha256 }: ExpectedObject,
): Promise<"same" | "different" | "missing"> {
  const found = await storage.read(path);
  if (found === null) return "missing";
  const hash = createHash("sha256");
  let size = 0;
  for await (const chunk of found.chunks) {
    size += chunk.length;
    hash.update(chunk);
    freeBytes(chunk);
    // A broken storage may send without end.
    if (size > sizeBytes) return "different";
  }
  return size === sizeBytes && hash.digest().equals(sha256) ? "same" : "different";
}

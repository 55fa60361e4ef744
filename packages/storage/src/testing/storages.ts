/// <reference path="./s3rver.d.ts" />
import { createHash } from "node:crypto";
import { mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, relative } from "node:path";
import S3rver from "@20minutes/s3rver";
import type { StorageConfig } from "../storage-config.ts";

/** The storage of one test file, with access to its folder. */
export type TestStorage = {
  readonly config: StorageConfig;
  /** Returns the keys of all objects and the SHA-256 of their bytes, as hex. */
  objects(): Record<string, string>;
  /** The folder of the storage, in which a test can put an object without the worker. */
  readonly folder: string;
  stop(): Promise<void>;
};

const NO_BUCKET = {
  S3_ENDPOINT: null,
  S3_REGION: "auto",
  S3_BUCKET: null,
  S3_ACCESS_KEY_ID: null,
  S3_SECRET_ACCESS_KEY: null,
};
const BUCKET = "recordings";

export async function localTestStorage(): Promise<TestStorage> {
  const folder = mkdtempSync(join(tmpdir(), "recordings-"));
  return {
    config: { STORAGE_DRIVER: "local", STORAGE_PATH: folder, ...NO_BUCKET },
    objects: () => objectsIn(folder, (name) => name),
    folder,
    async stop() {
      rmSync(folder, { recursive: true });
    },
  };
}

export async function s3TestStorage(): Promise<TestStorage> {
  const folder = mkdtempSync(join(tmpdir(), "bucket-"));
  const server = new S3rver({
    port: 0,
    address: "127.0.0.1",
    silent: true,
    directory: folder,
    configureBuckets: [{ name: BUCKET }],
  });
  const { port } = await server.run();
  return {
    config: {
      STORAGE_DRIVER: "s3",
      STORAGE_PATH: "",
      S3_ENDPOINT: `http://127.0.0.1:${port}`,
      S3_REGION: "us-east-1",
      S3_BUCKET: BUCKET,
      S3_ACCESS_KEY_ID: "S3RVER",
      S3_SECRET_ACCESS_KEY: "S3RVER",
    },
    objects: () =>
      objectsIn(join(folder, BUCKET), (name) =>
        name.endsWith("._S3rver_object") ? name.slice(0, -"._S3rver_object".length) : null,
      ),
    folder: join(folder, BUCKET),
    async stop() {
      await server.close();
      rmSync(folder, { recursive: true });
    },
  };
}

/**
 * Returns keys and hashes of the objects in a folder. `keyOf` returns the key of a file's path, or `null` for a file
 * that is not an object.
 */
export function objectsIn(folder: string, keyOf: (name: string) => string | null): Record<string, string> {
  const found: Record<string, string> = {};
  for (const entry of readdirSync(folder, { recursive: true, withFileTypes: true })) {
    const file = join(entry.parentPath, entry.name);
    const key = entry.isFile() ? keyOf(relative(folder, file)) : null;
    if (key !== null && !key.startsWith(".")) found[key] = sha256(readFileSync(file));
  }
  return found;
}

export function sha256(bytes: Uint8Array): string {
  return createHash("sha256").update(bytes).digest("hex");
}

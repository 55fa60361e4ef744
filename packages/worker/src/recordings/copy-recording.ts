import { createHash } from "node:crypto";
import { freeBytes } from "@call-ledger/process/memory";
import type { AudioType, IncomingObject, ObjectStorage } from "@call-ledger/storage";
import { audioType, compareObject, HEAD_BYTES, MEDIA_TYPES, StorageFault } from "@call-ledger/storage";
import { EgressFault } from "../egress/egress-fault.ts";
import type { FetchedBody } from "../egress/guarded-fetch.ts";
import { waveformReader } from "../waveform/waveform-reader.ts";
import type { StoredPeaks } from "./store-peaks.ts";
import { storePeaks } from "./store-peaks.ts";

/** The speed that a source has to reach. Only the time of waiting for the source counts. */
export type Pace = {
  /** The max time without data, in milliseconds. */
  readonly idleMs: number;
  /** The min average speed, measured from `slowAfterMs` on. */
  readonly minBytesPerSecond: number;
  readonly slowAfterMs: number;
};

/** After so many chunks, a body that has fewer bytes a chunk takes more processor time than it is worth. */
const MANY_CHUNKS = 10_000;
const MIN_CHUNK_BYTES = 64;

export type CopyPorts = {
  readonly storage: Pick<ObjectStorage, "begin" | "read" | "remove">;
  /** Returns the key of the object for the detected type. */
  keyOf(type: AudioType): string;
  /** The key of the waveform's object. */
  readonly peaksKey: string;
  readonly maxBytes: number;
  readonly pace: Pace;
  /** Called after each written part. */
  onProgress(): void;
  /** Called right before the object is created. Throws if the job is no longer held. */
  confirmHeld(): Promise<void>;
  /** Called with an error that the code of waveforms did not foresee. The copy goes on without a waveform. */
  onUnexpected(error: unknown): void;
};

type CopiedBytes = { readonly path: string; readonly sizeBytes: number; readonly sha256: Buffer };

/** A stored object that was read back: its key, size and SHA-256, and its waveform. */
export type CopiedRecording = CopiedBytes & StoredPeaks;

/**
 * Streams a source's body into one object and reads the object back before it returns. The waveform is computed from
 * the same stream and stored beside it, if possible. Keeps one part in memory. An object that a killed attempt left
 * under the key is used if it is equal, otherwise replaced: nothing links to it, because a stored job is never claimed.
 * Throws EgressFault and StorageFault. Then this copy has created no object, or one that the next attempt uses.
 */
export async function copyRecording(
  body: FetchedBody,
  ports: CopyPorts,
  signal: AbortSignal,
): Promise<CopiedRecording> {
  const { storage, maxBytes } = ports;
  if ((body.lengthBytes ?? 0) > maxBytes) throw tooLarge(maxBytes);
  const chunks = timely(body, ports.pace, signal);
  const head = await readHead(chunks);
  const type = audioType(head);
  if (type === null) throw new EgressFault("unsuitable", "the server's answer is not a recording");

  const path = ports.keyOf(type);
  const waveform = await waveformReader(type, ports.onUnexpected);
  const incoming = await storage.begin(path, MEDIA_TYPES[type]);
  try {
    const listening = { ...ports, onChunk: waveform.push };
    const { sizeBytes, sha256 } = await pour(head, chunks, incoming, listening);
    if (body.lengthBytes !== null && body.lengthBytes !== sizeBytes) throw brokenOff();
    signal.throwIfAborted();
    await ports.confirmHeld();
    const copied = { path, sizeBytes, sha256 };
    await publish(incoming, copied, ports);
    return { ...copied, ...(await storePeaks(waveform.end(), ports)) };
  } finally {
    await incoming.discard();
  }
}

async function pour(
  head: Uint8Array,
  chunks: AsyncIterator<Uint8Array>,
  incoming: IncomingObject,
  {
    maxBytes,
    onProgress,
    onChunk,
  }: Pick<CopyPorts, "maxBytes" | "onProgress"> & { onChunk(chunk: Uint8Array): void },
): Promise<{ sizeBytes: number; sha256: Buffer }> {
  const hash = createHash("sha256");
  let sizeBytes = 0;
  for (let chunk = head; ; ) {
    sizeBytes += chunk.length;
    if (sizeBytes > maxBytes) throw tooLarge(maxBytes);
    hash.update(chunk);
    onChunk(chunk);
    await incoming.write(chunk);
    freeBytes(chunk);
    onProgress();
    const next = await chunks.next();
    if (next.done === true) return { sizeBytes, sha256: hash.digest() };
    chunk = next.value;
  }
}

async function publish(
  incoming: IncomingObject,
  copied: CopiedBytes,
  { storage, confirmHeld }: CopyPorts,
): Promise<void> {
  const outcome = await incoming.publish();
  if ((await compareObject(storage, copied)) === "same") return;
  // Only the holder of the job may remove the object, because another worker's object could be linked by now.
  await confirmHeld();
  await storage.remove(copied.path);
  throw new StorageFault(
    outcome === "exists"
      ? "another object was in the way"
      : "the storage holds other bytes than it was given",
  );
}

async function readHead(chunks: AsyncIterator<Uint8Array>): Promise<Uint8Array> {
  let head = Buffer.alloc(0);
  while (head.length < HEAD_BYTES) {
    const next = await chunks.next();
    if (next.done === true) break;
    head = Buffer.concat([head, next.value]);
  }
  return head;
}

/** Returns the body's chunks. Throws if one takes too long, or if all together are too slow. */
function timely(
  { chunks, close }: FetchedBody,
  { idleMs, minBytesPerSecond, slowAfterMs }: Pace,
  signal: AbortSignal,
): AsyncIterator<Uint8Array> {
  const iterator = chunks[Symbol.asyncIterator]();
  let waitedMs = 0;
  let bytes = 0;
  let pieces = 0;
  return {
    async next() {
      signal.throwIfAborted();
      let late = false;
      const timer = setTimeout(() => {
        late = true;
        close();
      }, idleMs);
      signal.addEventListener("abort", close, { once: true });
      const begun = performance.now();
      try {
        const next = await iterator.next();
        if (next.done !== true) bytes += next.value.length;
        pieces += 1;
        if (pieces > MANY_CHUNKS && bytes < MIN_CHUNK_BYTES * pieces) throw tooSmallPieces();
        waitedMs += performance.now() - begun;
        if (next.done !== true && waitedMs > slowAfterMs && bytes < (minBytesPerSecond * waitedMs) / 1_000) {
          throw tooSlow(minBytesPerSecond);
        }
        return next;
      } catch (error) {
        close();
        signal.throwIfAborted();
        if (error instanceof EgressFault) throw error;
        throw late ? new EgressFault("passing", "the server stopped sending") : brokenOff();
      } finally {
        clearTimeout(timer);
        signal.removeEventListener("abort", close);
      }
    },
  };
}

function tooSlow(minBytesPerSecond: number): EgressFault {
  return new EgressFault("passing", `the server sends less than ${minBytesPerSecond / 1_000} kB a second`);
}

function tooSmallPieces(): EgressFault {
  return new EgressFault("passing", "the server sends too small pieces");
}

function brokenOff(): EgressFault {
  return new EgressFault("passing", "the server broke off half-way");
}

function tooLarge(maxBytes: number): EgressFault {
  return new EgressFault("unsuitable", `the recording is larger than ${Math.floor(maxBytes / 1_048_576)} MB`);
}

import type { IncomingMessage } from "node:http";
import { freeBytes } from "@call-ledger/process/memory";
import type { Room } from "./byte-budget.ts";

/** The body is larger than the limit, as it came or inflated. */
export class BodyTooLarge extends Error {
  override readonly name = "BodyTooLarge";
}

/** The sender closed the connection, or its body is not valid HTTP. */
export class BodyAborted extends Error {
  override readonly name = "BodyAborted";
}

/** The body came too slowly. */
export class BodyTooSlow extends Error {
  override readonly name = "BodyTooSlow";
}

/** The max time without a byte of a body. */
const STILL_MS = 5_000;
/** The max time for a whole body, in addition to a second for each 256 KB that have arrived. */
const GRACE_MS = 5_000;
const MIN_BYTES_PER_MS = 256;
const CHECK_MS = 500;
/** The first room of a body that comes in chunks, whose length is not known. */
const FIRST_CHUNKED_BYTES = 16_384;

/** The max time that a body of so many bytes may take, in milliseconds. */
export function longestBodyMs(bytes: number): number {
  return STILL_MS + GRACE_MS + bytes / MIN_BYTES_PER_MS;
}

/** The length that the sender declared, in bytes; `null`: the body comes in chunks. Without either header it is 0. */
export function declaredLength({ headers }: Pick<IncomingMessage, "headers">): number | null {
  if (headers["transfer-encoding"] !== undefined) return null;
  return Number(headers["content-length"] ?? 0);
}

/** The room that a body takes before any of it is read, in bytes. */
export function firstBytes(req: IncomingMessage): number {
  return declaredLength(req) ?? FIRST_CHUNKED_BYTES;
}

/** A body that is being read into memory of its own. */
export type ArrivingBody = {
  readonly bytes: Promise<Buffer>;
  /** Ends the reading: the bytes are rejected with this error, and their memory is free. */
  stop(error: Error): void;
};

/**
 * Reads a body of at most `limitBytes`, for which the room of `firstBytes` is already taken. A body in chunks takes
 * more room with `grow` as it arrives. `bytes` rejects with BodyTooLarge, BodyTooSlow, BodyAborted or NoRoom.
 */
export function arrivingBody(
  req: IncomingMessage,
  limitBytes: number,
  grow: Room["grow"],
  now: () => number,
): ArrivingBody {
  const { promise, resolve, reject } = Promise.withResolvers<Buffer>();
  // The operating system gives unzeroed memory only when it is written.
  let body = Buffer.allocUnsafeSlow(firstBytes(req));
  let filled = 0;
  const startedAt = now();
  let lastAt = startedAt;

  const settle = (): void => {
    clearInterval(checking);
    req.off("data", onData).off("end", onEnd).off("close", onClose);
  };
  const stop = (error: unknown): void => {
    settle();
    freeBytes(body);
    reject(error);
  };
  const hold = (chunk: Buffer): void => {
    const end = filled + chunk.length;
    if (end > limitBytes) throw new BodyTooLarge();
    if (end > body.length) {
      const capacity = Math.min(limitBytes, Math.max(end, 2 * body.length));
      grow(capacity - body.length);
      body = moved(body, filled, capacity);
    }
    body.set(chunk, filled);
    filled = end;
  };
  const onData = (chunk: Buffer): void => {
    lastAt = now();
    try {
      hold(chunk);
      freeBytes(chunk);
    } catch (error) {
      stop(error);
    }
  };
  const onEnd = (): void => {
    settle();
    const exact = filled === body.length ? body : moved(body, filled, filled);
    resolve(exact);
  };
  const onClose = (): void => stop(new BodyAborted());
  const checking = setInterval(() => {
    const at = now();
    const isStill = at - lastAt > STILL_MS;
    if (isStill || at - startedAt > GRACE_MS + filled / MIN_BYTES_PER_MS) stop(new BodyTooSlow());
  }, CHECK_MS);
  req.on("data", onData).on("end", onEnd).on("close", onClose);
  // A request with an error is also closed, and `onClose` rejects.
  req.on("error", () => undefined);
  return { bytes: promise, stop };
}

/** Copies the bytes into new memory, and frees the old one. */
function moved(body: Buffer, filled: number, capacity: number): Buffer<ArrayBuffer> {
  const next = Buffer.allocUnsafeSlow(capacity);
  body.copy(next, 0, 0, filled);
  freeBytes(body);
  return next;
}

import { promisify } from "node:util";
import { brotliDecompress, constants, gunzip, inflate as inflateZlib, zstdDecompress } from "node:zlib";
import { freeBytes } from "../http/free-bytes.ts";
import type { Room } from "./body-budget.ts";
import { NoRoom } from "./body-budget.ts";

/** The body is larger than is read, as it came or inflated. */
export class BodyTooLarge extends Error {
  override readonly name = "BodyTooLarge";
}

type Limit = { readonly maxOutputLength: number };
type Decode = (bytes: Buffer, limit: Limit) => Promise<Buffer>;

/** RFC 8878 asks decoders for windows of 8 MB; a frame may ask for 128. */
const ZSTD_WINDOW = { [constants.ZSTD_d_windowLogMax]: 23 };
const unpackZstd = promisify(zstdDecompress);

const CODINGS: ReadonlyMap<string, Decode> = new Map<string, Decode>([
  ["gzip", promisify(gunzip)],
  ["x-gzip", promisify(gunzip)],
  ["deflate", promisify(inflateZlib)],
  ["br", promisify(brotliDecompress)],
  ["zstd", (bytes, limit) => unpackZstd(bytes, { ...limit, params: ZSTD_WINDOW })],
]);

/** What any body may inflate to, in bytes. */
const FREE_BYTES = 65_536;
/** JSON of deliveries compresses 3 to 12 times; a bomb of brotli 300,000 times. */
const MAX_RATIO = 50;
/** Each takes a thread of four that the whole process has, and up to 16 MB for its window. */
const SLOTS = 2;
const MAX_WAITING = 64;

/** Inflates a body that came in a content coding, if it came in one. Throws BodyTooLarge or NoRoom. */
export type Inflate = (bytes: Buffer, coding: string | undefined, room: Room) => Promise<Buffer>;

/**
 * Inflates bodies, two at a time, up to `limitBytes` and 50 times what came. What may come out takes room before it does.
 * Senders sign the text that they wrote, so this comes before the verification of signatures. A coding that is unknown or
 * broken leaves the body as it came, so that a verified delivery is kept and not refused.
 */
export function inflating(limitBytes: number): Inflate {
  const slots = slotsOf(SLOTS, MAX_WAITING);
  return async (bytes, coding, room) => {
    const decode = CODINGS.get(coding?.trim().toLowerCase() ?? "");
    if (decode === undefined) return bytes;
    const maxOutputLength = Math.min(limitBytes, FREE_BYTES + MAX_RATIO * bytes.length);
    return slots(async () => {
      room.grow(maxOutputLength);
      const text = await decode(bytes, { maxOutputLength }).catch((error: unknown) => {
        const isTooLarge = error instanceof Error && "code" in error && error.code === "ERR_BUFFER_TOO_LARGE";
        if (isTooLarge) throw new BodyTooLarge();
        return null;
      });
      if (text === null) {
        room.shrink(maxOutputLength);
        return bytes;
      }
      room.shrink(maxOutputLength - text.length + bytes.length);
      freeBytes(bytes);
      return text;
    });
  };
}

/** Runs so many at a time; the returned function throws NoRoom when too many wait. */
function slotsOf(max: number, maxWaiting: number): <T>(work: () => Promise<T>) => Promise<T> {
  const waiting: (() => void)[] = [];
  let running = 0;
  return async (work) => {
    if (running < max) running += 1;
    else if (waiting.length >= maxWaiting) throw new NoRoom();
    // Whoever ends hands its slot over.
    else await new Promise<void>((resolve) => waiting.push(resolve));
    try {
      return await work();
    } finally {
      const next = waiting.shift();
      if (next === undefined) running -= 1;
      else next();
    }
  };
}

import { promisify } from "node:util";
import { brotliDecompress, constants, gunzip, inflate as inflateZlib, zstdDecompress } from "node:zlib";
import { freeBytes } from "@call-ledger/process/memory";
import { BodyTooLarge } from "./arriving-body.ts";
import { NoRoom } from "./byte-budget.ts";

type Limit = { readonly maxOutputLength: number };
type Decode = (bytes: Buffer, limit: Limit) => Promise<Buffer>;

/** RFC 8878 asks decoders to support windows of 8 MB. A frame may ask for 128 MB, which is refused. */
const ZSTD_WINDOW = { [constants.ZSTD_d_windowLogMax]: 23 };
const unpackZstd = promisify(zstdDecompress);

const CODINGS: ReadonlyMap<string, Decode> = new Map<string, Decode>([
  ["gzip", promisify(gunzip)],
  ["x-gzip", promisify(gunzip)],
  ["deflate", promisify(inflateZlib)],
  ["br", promisify(brotliDecompress)],
  ["zstd", (bytes, limit) => unpackZstd(bytes, { ...limit, params: ZSTD_WINDOW })],
]);

/** Every body may inflate to so many bytes, however small it is. */
const FREE_BYTES = 65_536;
/** The JSON of deliveries compresses 3 to 12 times. A compression bomb in brotli reaches 300,000 times. */
const MAX_RATIO = 50;
/** The number of bodies that are inflated at a time. Each takes one of the process's four threads, and up to 16 MB. */
const SLOTS = 2;
const MAX_WAITING = 64;

/** Inflates a body that came with a content coding, to at most `limitBytes`. Throws BodyTooLarge or NoRoom. */
export type Inflate = (bytes: Buffer, coding: string | undefined, limitBytes: number) => Promise<Buffer>;

/** Returns whether a body with this content coding can be inflated, or came without one. */
export function isKnownCoding(coding: string | undefined): boolean {
  return (
    coding === undefined || coding.trim().toLowerCase() === "identity" || decoderOf(coding) !== undefined
  );
}

function decoderOf(coding: string | undefined): Decode | undefined {
  return CODINGS.get(coding?.trim().toLowerCase() ?? "");
}

/** The max size that a body of so many bytes may inflate to. 0: it came without a coding, or stays as it came. */
export function inflatedBytes(bytes: number, coding: string | undefined, limitBytes: number): number {
  return decoderOf(coding) === undefined ? 0 : Math.min(limitBytes, FREE_BYTES + MAX_RATIO * bytes);
}

/**
 * Inflates bodies, two at a time, up to `limitBytes` and about 50 times the bytes that came. The body has room for both
 * already. Senders sign the uncompressed text, so a body is inflated before its signature is verified. A body with an
 * unknown or broken coding stays as it came, so that a verified delivery is kept and not refused.
 */
export function inflating(): Inflate {
  const slots = slotsOf(SLOTS, MAX_WAITING);
  return async (bytes, coding, limitBytes) => {
    const decode = decoderOf(coding);
    if (decode === undefined) return bytes;
    const maxOutputLength = inflatedBytes(bytes.length, coding, limitBytes);
    return slots(async () => {
      const text = await decode(bytes, { maxOutputLength }).catch((error: unknown) => {
        const isTooLarge = error instanceof Error && "code" in error && error.code === "ERR_BUFFER_TOO_LARGE";
        if (isTooLarge) throw new BodyTooLarge();
        return null;
      });
      if (text === null) return bytes;
      freeBytes(bytes);
      return text;
    });
  };
}

/** Runs at most `max` works at a time. The returned function throws NoRoom if `maxWaiting` already wait. */
function slotsOf(max: number, maxWaiting: number): <T>(work: () => Promise<T>) => Promise<T> {
  const waiting: (() => void)[] = [];
  let running = 0;
  return async (work) => {
    if (running < max) running += 1;
    else if (waiting.length >= maxWaiting) throw new NoRoom();
    // A work that ends passes its slot to the next one, so `running` does not change.
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

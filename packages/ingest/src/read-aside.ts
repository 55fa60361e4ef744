import type { Channel } from "@call-ledger/domain";
import { answeringThread, ThreadUnanswered } from "@call-ledger/process/thread";
import type { Question } from "@call-ledger/providers";
import { LedgerUnavailable } from "./ledger-errors.ts";
import type { PreparedBooking } from "./prepare-booking.ts";
import type { VerifiedDelivery } from "./read-delivery.ts";
import { smartBatch } from "./smart-batch.ts";

const MEGABYTE = 1024 * 1024;

/**
 * Bodies of this size in bytes or more are read in a separate thread: 64 KB of the worst form take 16 ms, 5 MB a
 * second. Usual reports are smaller, and a thread takes 25 MB.
 */
export const LARGE_BODY = 65_536;

/**
 * Reading this number of elements and keys takes 2 ms. A normal delivery of 30 KB has 2,000, a malicious one has
 * 20,000.
 */
const MANY_PARTS = 4_000;
/** Smaller bodies take at most 3 ms, however many parts they have. Counting them would take as long as parsing. */
const SMALL_BODY = 16_384;
const [COMMA, COLON, BRACE, BRACKET] = [0x2c, 0x3a, 0x7b, 0x5b];

/** Returns whether a body that is not large has so many parts that reading it would delay others. */
export function hasManyParts(body: Uint8Array): boolean {
  if (body.length < SMALL_BODY) return false;
  let parts = 0;
  for (let at = 0; at < body.length; at += 1) {
    const byte = body[at];
    if (byte === COMMA || byte === COLON || byte === BRACE || byte === BRACKET) parts += 1;
  }
  return parts >= MANY_PARTS;
}

const WAITING = {
  maxWrites: 1,
  maxItems: 1,
  maxWeight: 1,
  maxWaiting: 200,
  /** In bytes of bodies. */
  maxWaitingWeight: 16 * MEGABYTE,
  deadlineMs: 4_300,
};

/** V8 returns the pages of a thread about 8 s after its end, so after a burst they are back within 15 s. */
const IDLE_MS = 5_000;

/** The heap of the thread in MB: the worst body of 5 MB needs less than 48. */
function heapFor(largestBodyMb: number): number {
  return 32 + 8 * largestBodyMb;
}

/** In the bundle, the thread's program is beside the code that starts it. */
const PROGRAM = new URL(
  import.meta.url.endsWith(".ts") ? "./reading.thread.ts" : "./reading.thread.mjs",
  import.meta.url,
);

/** The question to the thread: everything that is needed to read a body. */
export type BodyToRead = { readonly verified: VerifiedDelivery; readonly channels: readonly Channel[] };

/** A body that was read. `prepared` is `null` if it is not stored; `unread` says why it could not be read. */
export type PreparedRead = {
  readonly type: string;
  readonly question: Question | null;
  readonly unread: string | null;
  readonly prepared: PreparedBooking | null;
};

/**
 * Reads large bodies in a separate thread, one at a time and one account after another, so that no other delivery waits
 * for them. The body is transferred to the thread and is empty afterwards. The returned function throws QueueFull,
 * OverShare, WaitedTooLong or LedgerUnavailable. `largestBodyMb` is the max size of a body in MB.
 */
export function readingAside(
  channels: readonly Channel[],
  largestBodyMb: number,
): (verified: VerifiedDelivery, spentMs: number) => Promise<PreparedRead> {
  const ask = answeringThread<BodyToRead, PreparedRead>(PROGRAM, {
    idleMs: IDLE_MS,
    maxHeapMb: heapFor(largestBodyMb),
  });
  return smartBatch<VerifiedDelivery, PreparedRead>(
    {
      async write([verified], deadlineMs) {
        if (verified === undefined) return [];
        const body = ownMemory(verified.body);
        const question = { verified: { ...verified, body }, channels };
        const read = await ask(question, [body.buffer], deadlineMs).catch(unavailable);
        return [{ ...read, prepared: read.prepared && withBuffer(read.prepared) }];
      },
      weigh: ({ body }) => body.length,
      ownerOf: ({ accountId }) => accountId,
      now: () => performance.now(),
    },
    WAITING,
  );
}

function unavailable(error: unknown): never {
  throw error instanceof ThreadUnanswered ? new LedgerUnavailable(error.code) : error;
}

/** A Buffer arrives from another thread as a Uint8Array, and becomes a Buffer again. */
function withBuffer(prepared: PreparedBooking): PreparedBooking {
  const { buffer, byteOffset, byteLength } = prepared.packed;
  return { ...prepared, packed: Buffer.from(buffer, byteOffset, byteLength) };
}

/** Returns bytes whose memory is not shared. Only such bytes can be transferred. */
function ownMemory(body: Uint8Array): Uint8Array<ArrayBuffer> {
  const { buffer } = body;
  const isOwn = buffer instanceof ArrayBuffer && buffer.byteLength === body.length;
  return isOwn ? new Uint8Array(buffer) : new Uint8Array(body);
}

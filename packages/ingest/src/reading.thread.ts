import { isMainThread, parentPort } from "node:worker_threads";
import { freeBytes } from "@call-ledger/process/memory";
import { READY } from "@call-ledger/process/thread";
import { providerFor } from "@call-ledger/providers";
import { prepareBooking } from "./prepare-booking.ts";
import type { BodyToRead, PreparedRead } from "./read-aside.ts";
import { readDelivery } from "./read-delivery.ts";

/*
 * The thread that reads large bodies: a program of its own, which the build puts beside the api. It awaits nothing, so
 * the answers come in the order of the questions.
 */

function prepared({ verified, channels }: BodyToRead): PreparedRead {
  const adapter = providerFor(verified.provider);
  if (adapter === null) throw new RangeError(`there is no adapter for deliveries of ${verified.provider}`);
  const { type, question, delivery, unread } = readDelivery(adapter, verified);
  freeBytes(verified.body);
  if (delivery === null) return { type, question, unread, prepared: null };
  // The payload is packed on its own, and no other payload refers to it, because the remembered payloads are in the
  // other thread.
  const booking = prepareBooking(delivery, { channels });
  // In memory of its own, which can be transferred.
  const packed = Buffer.from(Uint8Array.from(booking.packed).buffer);
  return { type, question, unread, prepared: { ...booking, packed, referable: null } };
}

if (!isMainThread) {
  parentPort?.on("message", (body: BodyToRead) => {
    const read = prepared(body);
    const packed = read.prepared?.packed.buffer;
    parentPort?.postMessage(read, packed instanceof ArrayBuffer ? [packed] : []);
    // V8 itself would keep what is left of the body until the heap has doubled.
    setImmediate(() => globalThis.gc?.());
  });
  parentPort?.postMessage(READY);
}

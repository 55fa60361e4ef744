import { createHash } from "node:crypto";
import type { ObjectStorage } from "@call-ledger/storage";
import { compareObject, StorageFault } from "@call-ledger/storage";
import { JobInterrupted } from "../loop/leased-work.ts";
import type { WaveformOrReason } from "../waveform/wav-waveform.ts";

export type PeaksPorts = {
  readonly storage: Pick<ObjectStorage, "begin" | "read" | "remove">;
  readonly peaksKey: string;
  /** Called before an object is replaced. Throws if the job is no longer held. */
  confirmHeld(): Promise<void>;
  onUnexpected(error: unknown): void;
};

/** The key of a stored waveform, or the reason why there is none. */
export type StoredPeaks =
  | { readonly peaksPath: string; readonly peaksError: null }
  | { readonly peaksPath: null; readonly peaksError: string };

/**
 * Stores a waveform as JSON, in the form in which the API sends it. An object that a killed attempt left under the key
 * is used if it is equal, otherwise replaced. Its failure is returned, because a recording is kept without a waveform
 * too. Throws JobInterrupted.
 */
export async function storePeaks(found: WaveformOrReason, ports: PeaksPorts): Promise<StoredPeaks> {
  if ("reason" in found) return { peaksPath: null, peaksError: found.reason };
  try {
    await put(Buffer.from(JSON.stringify(found)), ports);
    return { peaksPath: ports.peaksKey, peaksError: null };
  } catch (error) {
    if (error instanceof JobInterrupted) throw error;
    if (error instanceof StorageFault) return { peaksPath: null, peaksError: error.reason };
    ports.onUnexpected(error);
    return { peaksPath: null, peaksError: "the waveform could not be stored" };
  }
}

async function put(bytes: Buffer, ports: PeaksPorts): Promise<void> {
  const { storage, peaksKey: path, confirmHeld } = ports;
  if ((await publish(bytes, ports)) === "published") return;
  const sha256 = createHash("sha256").update(bytes).digest();
  if ((await compareObject(storage, { path, sizeBytes: bytes.length, sha256 })) === "same") return;
  await confirmHeld();
  await storage.remove(path);
  if ((await publish(bytes, ports)) === "exists") {
    throw new StorageFault("another object was in the way of the waveform");
  }
}

async function publish(bytes: Buffer, { storage, peaksKey }: PeaksPorts): Promise<"published" | "exists"> {
  const incoming = await storage.begin(peaksKey, "application/json");
  try {
    await incoming.write(bytes);
    return await incoming.publish();
  } finally {
    await incoming.discard();
  }
}

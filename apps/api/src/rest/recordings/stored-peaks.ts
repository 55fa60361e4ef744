import type { Peaks } from "@call-ledger/contract/calls";
import { peaksSchema } from "@call-ledger/contract/calls";
import type { ObjectStorage } from "@call-ledger/storage";
import { StorageFault } from "@call-ledger/storage";
import { ApiProblem } from "../mount/api-problem.ts";

/** The stored waveform of a recording is missing or broken. It is a fault of the service. */
class PeaksLost extends Error {
  override readonly name = "PeaksLost";
}

/** Several times the size of the longest waveform. */
const MAX_BYTES = 262_144;
const ANSWER_MS = 4_000;

/** Reads a stored waveform. Throws ApiProblem `unavailable` if the storage does not answer, and PeaksLost. */
export async function readPeaks(storage: Pick<ObjectStorage, "read">, key: string): Promise<Peaks> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_resolve, reject) => {
    timer = setTimeout(() => reject(new StorageFault("it does not answer")), ANSWER_MS);
  });
  try {
    const peaks = peaksSchema.safeParse(JSON.parse(await Promise.race([textOf(storage, key), late])));
    if (!peaks.success) throw new PeaksLost();
    return peaks.data;
  } catch (error) {
    if (error instanceof SyntaxError) throw new PeaksLost();
    if (!(error instanceof StorageFault)) throw error;
    const detail = `The waveform cannot be read from the storage: ${error.reason}. Ask again.`;
    throw new ApiProblem("unavailable", { detail, headers: { "retry-after": "5" } });
  } finally {
    clearTimeout(timer);
  }
}

async function textOf(storage: Pick<ObjectStorage, "read">, key: string): Promise<string> {
  const found = await storage.read(key);
  if (found === null || found.sizeBytes > MAX_BYTES) throw new PeaksLost();
  const chunks: Uint8Array[] = [];
  for await (const chunk of found.chunks) chunks.push(chunk);
  return Buffer.concat(chunks).toString("utf8");
}

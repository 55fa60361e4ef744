import type { AudioType } from "@call-ledger/storage";
import type { ByteProgram } from "./byte-input.ts";
import type { WaveformOrReason } from "./wav-waveform.ts";
import { wavWaveform } from "./wav-waveform.ts";

/**
 * Reads the waveform of a recording as its bytes arrive. No method throws: a waveform that cannot be computed has a
 * reason. Chunks are not used after `push`. `onUnexpected`: called with an error that this code did not foresee.
 */
export async function waveformReader(
  type: AudioType,
  onUnexpected: (error: unknown) => void,
): Promise<ByteProgram<WaveformOrReason>> {
  let failed = false;
  const guarded = <T>(work: () => T): T | null => {
    if (failed) return null;
    try {
      return work();
    } catch (error) {
      failed = true;
      onUnexpected(error);
      return null;
    }
  };
  const program = await programFor(type).catch((error: unknown) => {
    onUnexpected(error);
    return null;
  });
  return {
    push: (chunk) => void guarded(() => program?.push(chunk)),
    end: () => guarded(() => program?.end()) ?? { reason: "the waveform could not be computed" },
  };
}

async function programFor(type: AudioType): Promise<ByteProgram<WaveformOrReason>> {
  if (type === "wav") return wavWaveform();
  if (type === "mp3") {
    // The decoder takes megabytes of memory, which most workers never need.
    const { mp3Waveform } = await import("./mp3-waveform.ts");
    return mp3Waveform();
  }
  return {
    push: () => undefined,
    end: () => ({ reason: `waveforms of ${type} recordings are not computed` }),
  };
}

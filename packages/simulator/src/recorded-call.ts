import { spokenPath } from "./recording/spoken.ts";
import { simulateCall } from "./simulate-call.ts";
import type { SimulatedCall, SimulationOptions } from "./simulated-call.ts";

/**
 * Simulates a call whose recordings can be fetched. The paths of the recordings contain who speaks when, and the host
 * generates the audio from them.
 * @param host `host:port` of the recordings, such as the host that `npm start` runs; the request uses https
 * @throws RangeError as `simulateCall`
 */
export function simulateRecordedCall(options: SimulationOptions, host: string): SimulatedCall {
  const { spoken } = simulateCall(options);
  return simulateCall({ ...options, recordingOrigin: `https://${host}/${spokenPath(spoken)}` });
}

import { spokenPath } from "./recording/spoken.ts";
import { simulateCall } from "./simulate-call.ts";
import type { SimulatedCall, SimulationOptions } from "./simulated-call.ts";

/**
 * A call whose recordings can be fetched: their paths say who speaks when, and the host makes them of that.
 * @param host `host:port` of the recordings, such as the one that `npm start` runs; it is asked over https
 * @throws RangeError as `simulateCall`
 */
export function simulateRecordedCall(options: SimulationOptions, host: string): SimulatedCall {
  const { spoken } = simulateCall(options);
  return simulateCall({ ...options, recordingOrigin: `https://${host}/${spokenPath(spoken)}` });
}

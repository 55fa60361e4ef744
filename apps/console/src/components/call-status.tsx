import type { CallSummary } from "@call-ledger/contract/calls";
import { word } from "../text/text.ts";
import { Badge } from "./badge.tsx";
import type { Tone } from "./tone.ts";
import { outcomeTone } from "./tone.ts";

const PHASES: Readonly<Record<string, Tone>> = {
  scheduled: "gray",
  queued: "gray",
  ringing: "amber",
  in_progress: "green",
  forwarding: "violet",
  ended: "gray",
};
/** Whether the call is still going on, by its events. */
export function isLive({ phase }: Pick<CallSummary, "phase">): boolean {
  return phase !== null && phase !== "ended" && phase !== "scheduled";
}

/** The phase of a call, or its outcome if it has ended. */
export function CallStatus({
  call,
  plain = false,
}: {
  call: Pick<CallSummary, "phase" | "outcome">;
  plain?: boolean;
}) {
  const { phase, outcome } = call;
  if (phase === "ended" || phase === null) {
    const shown = outcome ?? "unknown";
    return (
      <Badge tone={outcomeTone(shown)} dot plain={plain}>
        {word("outcome", shown)}
      </Badge>
    );
  }
  return (
    <Badge tone={PHASES[phase] ?? "gray"} dot pulse={isLive(call)} plain={plain}>
      {word("phase", phase)}
    </Badge>
  );
}

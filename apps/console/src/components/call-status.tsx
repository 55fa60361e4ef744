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
/** Whether the call is going on, as far as its events say. */
export function isLive({ phase }: Pick<CallSummary, "phase">): boolean {
  return phase !== null && phase !== "ended" && phase !== "scheduled";
}

/** Where a call is in its life; once it has ended, how it ended. */
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

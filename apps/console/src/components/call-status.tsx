import type { CallSummary } from "@call-ledger/contract/calls";
import { word } from "../text/text.ts";
import { Badge } from "./badge.tsx";
import { outcomeWord } from "./call-words.ts";
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

/** The phase of a call, or its outcome if it has ended. A call that is marked as stuck does not look live. */
export function CallStatus({
  call,
  plain = false,
}: {
  call: Pick<CallSummary, "phase" | "outcome"> & Partial<Pick<CallSummary, "attention">>;
  plain?: boolean;
}) {
  const { phase, outcome, attention = [] } = call;
  const isStuck = attention.includes("stuck");
  if (phase === "ended" || phase === null) {
    return (
      <Badge tone={outcomeTone(outcome ?? "unknown")} dot plain={plain}>
        {outcomeWord(call)}
      </Badge>
    );
  }
  return (
    <Badge
      tone={isStuck ? "gray" : (PHASES[phase] ?? "gray")}
      dot
      pulse={isLive(call) && !isStuck}
      plain={plain}
    >
      {word("phase", phase)}
    </Badge>
  );
}

/** The phases of a call, in order. The Postgres enum `call_phase` has the same list in the same order. */
export const PHASES = ["scheduled", "queued", "ringing", "in_progress", "forwarding", "ended"] as const;

export type Phase = (typeof PHASES)[number];

/** Returns the later of two phases. `null` means that no phase event was seen yet, and is earlier than every phase. */
export function laterPhase(a: Phase | null, b: Phase | null): Phase | null {
  if (a === null) return b;
  if (b === null) return a;
  return PHASES.indexOf(a) >= PHASES.indexOf(b) ? a : b;
}

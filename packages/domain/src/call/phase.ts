/** Where a call is in its life, in order. The same list, in the same order, is the Postgres enum `call_phase`. */
export const PHASES = ["scheduled", "queued", "ringing", "in_progress", "forwarding", "ended"] as const;

export type Phase = (typeof PHASES)[number];

/** The later of two phases; `null` is "no phase event seen yet" and loses to every phase. */
export function laterPhase(a: Phase | null, b: Phase | null): Phase | null {
  if (a === null) return b;
  if (b === null) return a;
  return PHASES.indexOf(a) >= PHASES.indexOf(b) ? a : b;
}

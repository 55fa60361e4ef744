import { REFUSALS, SILENCE } from "./conditions.ts";
import type { AccountRefusals, AlarmReadings, AlarmSighting } from "./readings.ts";

/** Returns the sighting of an account that refuses deliveries; empty: it does not, or no longer. */
export function refusalOf(refusals: AccountRefusals): AlarmSighting[] {
  const { accountId, orgId, hour, halfDay, twoDays } = refusals;
  const sighting = (opens: boolean, hours: number, refused: number, accepted: number): AlarmSighting[] => [
    {
      condition: "signatures_refused",
      scope: `account:${accountId}`,
      orgId,
      opens,
      figures: { refused, accepted, hours },
    },
  ];
  const isWrong = wrongProofsLast(refusals);
  if (isRefusedThisHour(refusals)) return sighting(true, 1, hour.refused + hour.unproven, hour.accepted);
  if (isWrong && halfDay.refused > 0) {
    const opens = halfDay.refused >= REFUSALS.halfDay || isRefusedHalfDay(refusals);
    return sighting(opens, 12, halfDay.refused, halfDay.accepted);
  }
  if (twoDays.unproven > 0) return sighting(isUnprovenForDays(refusals), 48, twoDays.unproven, 0);
  return isWrong ? sighting(false, 12, 0, 0) : [];
}

/**
 * Whether wrong proofs still have to be expected. If a part of the senders has a wrong secret, deliveries of the others
 * are accepted between its wrong proofs. So a repair shows only when many more than that were accepted.
 */
function wrongProofsLast({ lasts, quietSeconds, acceptedSince, acceptedBetween }: AccountRefusals): boolean {
  if (lasts) return true;
  if (quietSeconds === null || quietSeconds >= REFUSALS.maxQuietSeconds) return false;
  return quietSeconds < REFUSALS.quietSeconds || acceptedSince <= 2 * acceptedBetween;
}

function isRefusedThisHour({ hour }: AccountRefusals): boolean {
  return hour.refused >= REFUSALS.hour || (hour.accepted === 0 && hour.unproven >= REFUSALS.unproven);
}

function isRefusedHalfDay({ halfDay }: AccountRefusals): boolean {
  return halfDay.accepted === 0 && halfDay.refused >= REFUSALS.hour;
}

function isUnprovenForDays({ twoDays }: AccountRefusals): boolean {
  return twoDays.accepted === 0 && twoDays.unproven >= REFUSALS.unproven;
}

/** Returns the sightings of accounts whose deliveries do not come, or not yet as usual again. */
export function silences({ refused, silent, returning }: AlarmReadings): AlarmSighting[] {
  // An account whose deliveries are refused has no accepted ones either. Refusal and silence are then one failure, of
  // which the first alarm stays open.
  const drifted = new Set(
    refused
      .filter((one) => isRefusedThisHour(one) || isRefusedHalfDay(one) || isUnprovenForDays(one))
      .map(({ accountId }) => accountId),
  );
  const now = silent.flatMap(({ accountId, orgId, seconds, usual }) => {
    if (seconds < SILENCE.minSeconds || seconds > SILENCE.maxSeconds) return [];
    const usualCalls = usualCallsOf(usual);
    if (usualCalls < SILENCE.minCalls) return [];
    return [silence({ accountId, orgId }, !drifted.has(accountId), { seconds, usual_calls: usualCalls })];
  });
  const scopes = new Set(now.map(({ scope }) => scope));
  const partly = returning.flatMap(({ accountId, orgId, calls, usual }) => {
    const usualCalls = usualCallsOf(usual);
    if (usualCalls < SILENCE.minCalls || calls >= usualCalls) return [];
    return [silence({ accountId, orgId }, false, { calls, usual_calls: usualCalls })];
  });
  return [...now, ...partly.filter(({ scope }) => !scopes.has(scope))];
}

function silence(
  { accountId, orgId }: { readonly accountId: string; readonly orgId: string | null },
  opens: boolean,
  figures: AlarmSighting["figures"],
): AlarmSighting {
  return { condition: "no_deliveries", scope: `account:${accountId}`, orgId, opens, figures };
}

/** Returns the calls of the quietest earlier week; 0: too few weeks are known. One week may have been a holiday. */
function usualCallsOf(usual: readonly number[]): number {
  if (usual.length < SILENCE.minWeeks) return 0;
  const weeks = usual.toSorted((one, other) => one - other);
  return weeks[weeks.length > SILENCE.minWeeks ? 1 : 0] ?? 0;
}

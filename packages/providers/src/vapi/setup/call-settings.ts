import type { ExpectedSetup } from "../../common/setup-api.ts";
import { VAPI_RETRIES } from "../connecting.ts";
import { sendersOf, sendingPartsOf } from "./credentials.ts";
import type { Fixes, Problem } from "./fixes.ts";
import { retriesFault } from "./fixes.ts";
import type { Scope } from "./scope.ts";
import type { Assistant, VapiSetup } from "./setup.documents.ts";
import { partsOf } from "./setup.documents.ts";
import { capital, IN_SENDING_PARTS } from "./setup.words.ts";

/** The messages from which the record of a call is made. Without a list, Vapi sends both. */
const NEEDED_MESSAGES = ["status-update", "end-of-call-report"] as const;
const DAY_MS = 86_400_000;

/** A delivery that is refused, or comes while the service is down, is lost unless Vapi sends it again. */
export function retryProblems(
  setup: VapiSetup,
  scope: Scope,
  expected: ExpectedSetup,
  { rightServer, fix, pasted }: Fixes,
): Problem[] {
  const check = "retries";
  const ofPlaces = sendersOf(setup, scope, expected).flatMap((place): Problem[] => {
    const fault = retriesFault(place);
    if (fault === null) return [];
    const fields = { server: rightServer(place) };
    const found = `${capital(place.label)} ${fault}.`;
    return [{ check, found, next: pasted(place, fields), fix: fix(place, fields) }];
  });
  const ofSquads = scope.squads.flatMap((squad): Problem[] => {
    const faults = new Set(sendingPartsOf(squad, expected).flatMap((part) => retriesFault(part) ?? []));
    const next = `Set server.backoffPlan to ${JSON.stringify(VAPI_RETRIES)} ${IN_SENDING_PARTS}`;
    return [...faults].map((fault) => {
      const found = `${capital(squad.label)} has a member or an override that ${fault}.`;
      return { check, found, next, fix: null };
    });
  });
  return [...ofPlaces, ...ofSquads];
}

export function messageProblems({ assistants, squads }: Scope, { fix, pasted }: Fixes): Problem[] {
  const check = "server_messages";
  const ofAssistants = assistants.flatMap((place): Problem[] => {
    const missing = missingIn(place.serverMessages);
    if (missing.length === 0) return [];
    const fields = { serverMessages: [...(place.serverMessages ?? []), ...missing] };
    const found = `${capital(place.label)} does not send ${missing.join(" and ")}.`;
    return [{ check, found, next: pasted(place, fields), fix: fix(place, fields) }];
  });
  const ofSquads = squads.flatMap((squad): Problem[] => {
    const missing = new Set(partsOf(squad).flatMap(({ serverMessages }) => missingIn(serverMessages)));
    if (missing.size === 0) return [];
    const found = `${capital(squad.label)} has members whose own list of messages leaves out ${[...missing].join(" and ")}.`;
    const next = `Add ${JSON.stringify([...missing])} to serverMessages in the members and overrides of the squad`;
    return [{ check, found, next, fix: null }];
  });
  return [...ofAssistants, ...ofSquads];
}

/** The recording of calls is a decision about people's voices. */
export function recordingProblems({ assistants, squads }: Scope, { fix, pasted }: Fixes): Problem[] {
  const check = "recording";
  const ofAssistants = assistants.flatMap((place): Problem[] => {
    const fault = recordingFault(place);
    if (fault === null) return [];
    const fields = { artifactPlan: { ...place.artifactPlan, recordingEnabled: true } };
    const isMore = Object.keys(place.artifactPlan).some((name) => name !== "recordingEnabled");
    const more = isMore ? " (add the other fields that its artifactPlan has: it is replaced as a whole)" : "";
    const next = `If its calls are to be recorded: ${pasted(place, { artifactPlan: { recordingEnabled: true } })}${more}`;
    const decision = "Say yes only if its calls may be recorded.";
    return [{ check, found: `${capital(place.label)} ${fault}.`, next, fix: fix(place, fields, decision) }];
  });
  const ofSquads = squads.flatMap((squad): Problem[] => {
    const isOff = partsOf(squad).some((one) => recordingSwitches(one).includes(false));
    const isOpen = squad.members.some(
      ({ assistant }) => assistant !== null && recordingSwitches(assistant).length === 0,
    );
    if (!isOff && !isOpen) return [];
    const found = isOff
      ? `${capital(squad.label)} has members whose calls are not recorded.`
      : `${capital(squad.label)} has inline assistants, for which the recording plan of the dashboard does not hold.`;
    const next =
      'If its calls are to be recorded: name "artifactPlan": {"recordingEnabled": true} in each inline assistant and override of the squad';
    return [{ check, found, next, fix: null }];
  });
  return [...ofAssistants, ...ofSquads];
}

/**
 * Work that waits for longer than Vapi keeps calls, or than the worker asks for them (`askedMs`), is never done. One
 * day is left to react.
 */
export function retentionProblems(
  { organization }: VapiSetup,
  { backlogMs, program }: ExpectedSetup,
  askedMs: number,
): Problem[] {
  const keptMs = organization?.retentionDays ? organization.retentionDays * DAY_MS : askedMs;
  if (backlogMs <= Math.min(keptMs, askedMs) - DAY_MS) return [];
  const days = (ms: number) => Math.floor(ms / DAY_MS);
  const limit =
    keptMs > askedMs
      ? `Calls are compared, and their recordings fetched, for ${days(askedMs)} days`
      : `Vapi keeps a call for ${days(keptMs)} days`;
  return [
    {
      check: "retention",
      found: `${limit}, and the oldest one that waits for its recording or its comparison is ${days(backlogMs)} days old.`,
      next: `Compare now: ${program} reconcile\nIf it is a recording, see why it waits: ${program} recordings list --status pending\nA worker compares by itself with RECONCILE_MINUTES and the account's API key.`,
      fix: null,
    },
  ];
}

function missingIn(messages: readonly string[] | null): string[] {
  return messages === null ? [] : NEEDED_MESSAGES.filter((needed) => !messages.includes(needed));
}

type Recorded = Pick<Assistant, "recordingEnabled" | "artifactPlan" | "hipaaEnabled" | "compliancePlan">;

function recordingFault(assistant: Recorded): string | null {
  const switches = recordingSwitches(assistant);
  if (switches.includes(false)) return "does not record its calls";
  const isHipaa = assistant.hipaaEnabled === true || assistant.compliancePlan.hipaaEnabled === true;
  return isHipaa && switches.length === 0
    ? "is under HIPAA, and does not say that its calls are recorded"
    : null;
}

/** Returns the values about recording in an assistant. The plan is newer than the field. */
function recordingSwitches({ recordingEnabled, artifactPlan }: Recorded): boolean[] {
  const planned = artifactPlan.recordingEnabled;
  const isOn = typeof planned === "boolean" ? planned : recordingEnabled;
  return isOn === null ? [] : [isOn];
}

import type { Json } from "@call-ledger/domain";
import { boundedText } from "@call-ledger/domain";
import type { JsonObject } from "../common/json-body.ts";
import { isObject } from "../common/json-body.ts";
import { instantOf } from "../common/timestamp.ts";
import { lettersOf } from "./letters.ts";
import { onlyIn, part, withoutPlaceholder } from "./wire.fields.ts";

/** A text, alone, in a list of its own, or in an object. */
const url = (value: unknown) => {
  const only = onlyIn(value);
  return withoutPlaceholder(boundedText(isObject(only) ? only.url : only));
};
const recordingLinks = {
  recordingUrl: url,
  stereoRecordingUrl: url,
  videoRecordingUrl: url,
  presignedMonoUrl: url,
  presignedStereoUrl: url,
  presignedCustomerUrl: url,
  presignedAssistantUrl: url,
  presignedVideoUrl: url,
  presignedUrlsExpiresAt: instantOf,
};

/** Other names of these fields, in relays and in the flat dialect. */
const OTHER_NAMES = [
  ["recordings", "recording"],
  ["recordingUrls", "recording"],
  ["recording_url", "recordingUrl"],
  ["monoRecordingUrl", "recordingUrl"],
  ["stereo_recording_url", "stereoRecordingUrl"],
] as const;

function withUsualNames(place: unknown): unknown {
  if (!isObject(place)) return place;
  const named = OTHER_NAMES.filter(([other, usual]) => place[other] && !place[usual]);
  return named.length === 0
    ? place
    : { ...place, ...Object.fromEntries(named.map(([other, usual]) => [usual, place[other] ?? null])) };
}
const urlUnder = (value: Json | undefined): JsonObject => (isObject(value) ? value : { url: value ?? null });
const recordingObject = part({
  stereoUrl: url,
  videoUrl: url,
  mono: part({ combinedUrl: url, customerUrl: url, assistantUrl: url }),
});
/**
 * An object in Vapi's current types, a text in older ones, a list of either in relays. The URLs of an object have had
 * several names.
 */
const recording = (value: unknown) => {
  const only = Array.isArray(value) ? (byRole(value) ?? oneOf(value)) : value;
  const { mono, stereo, ...own } = isObject(only) ? only : { mono: typeof only === "string" ? only : null };
  const [whole, both] = [urlUnder(mono), urlUnder(stereo)];
  return recordingObject({
    ...own,
    stereoUrl: own.stereoUrl ?? own.stereoRecordingUrl ?? both.url,
    mono: {
      ...whole,
      combinedUrl:
        whole.combinedUrl ??
        whole.url ??
        own.combinedUrl ??
        own.combined ??
        own.monoUrl ??
        own.recordingUrl ??
        own.url,
      customerUrl: whole.customerUrl ?? own.customerUrl,
      assistantUrl: whole.assistantUrl ?? own.assistantUrl,
    },
  });
};

/** The words of relays for what an element of a list has, in letters alone, and the field for its URL. */
const ROLES: ReadonlyMap<string, string> = new Map([
  ...["customer", "user", "caller", "human"].map((word) => [word, "customerUrl"] as const),
  ...["assistant", "agent", "bot", "ai"].map((word) => [word, "assistantUrl"] as const),
  ...["mono", "combined", "mixed"].map((word) => [word, "combinedUrl"] as const),
  ["stereo", "stereoUrl"],
  ["video", "videoUrl"],
]);

/** Returns the object of a list whose elements each name a recording and what it has, else `null`. */
function byRole(list: readonly Json[]): JsonObject | null {
  const urls = list.map((one) => {
    const { channel, role, type, name, speaker, track, url: named } = isObject(one) ? one : {};
    const words = [channel, role, type, name, speaker, track].filter((word) => typeof word === "string");
    const field = words.map((word) => ROLES.get(lettersOf(word))).find((found) => found !== undefined);
    return field !== undefined && url(named) !== null ? ([field, named ?? null] as const) : null;
  });
  const known = urls.filter((one) => one !== null);
  return known.length > 0 && known.length === urls.length ? Object.fromEntries(known.toReversed()) : null;
}

/** Returns the fields of all objects of a list, else its first element. */
function oneOf(list: readonly Json[]): Json {
  return list.every(isObject) ? Object.fromEntries(list.flatMap(Object.entries)) : (list[0] ?? null);
}

const place = { recording, ...recordingLinks };
const artifactIn = part(place);
const placesIn = part({ ...place, artifact: (value: unknown) => artifactIn(withUsualNames(value)) });

/** Reads the recordings of a report, which are in two places. */
export function recordingsIn(report: unknown) {
  return placesIn(withUsualNames(report));
}
export type WireRecordings = ReturnType<typeof recordingsIn>;

const flag = (value: unknown) => (typeof value === "boolean" ? value : null);
const assistantPlan = part({ recordingEnabled: flag, artifactPlan: part({ recordingEnabled: flag }) });

/** The places in which a message says whether its call is recorded. The assistant's own flag is the older place. */
export const recordingPlanIn = part({
  assistant: assistantPlan,
  call: part({
    artifactPlan: part({ recordingEnabled: flag }),
    assistant: assistantPlan,
    assistantOverrides: assistantPlan,
  }),
});

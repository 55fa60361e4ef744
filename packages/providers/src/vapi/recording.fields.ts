import type { Json } from "@call-ledger/domain";
import { boundedText } from "@call-ledger/domain";
import type { JsonObject } from "../common/json-body.ts";
import { isObject } from "../common/json-body.ts";
import { instantOf } from "../common/timestamp.ts";
import { onlyIn, part } from "./wire.fields.ts";

/** A text, alone, in a list of its own, or in an object. */
const url = (value: unknown) => {
  const only = onlyIn(value);
  return boundedText(isObject(only) ? only.url : only);
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
const urlUnder = (value: Json | undefined): JsonObject => (isObject(value) ? value : { url: value ?? null });
const recordingObject = part({
  stereoUrl: url,
  videoUrl: url,
  mono: part({ combinedUrl: url, customerUrl: url, assistantUrl: url }),
});
/** An object in Vapi's current types, a text in older ones. The URLs of an object have had several names. */
const recording = (value: unknown) => {
  const only = onlyIn(value);
  const { mono, stereo, ...own } = isObject(only) ? only : { mono: typeof only === "string" ? only : null };
  const [whole, both] = [urlUnder(mono), urlUnder(stereo)];
  return recordingObject({
    ...own,
    stereoUrl: own.stereoUrl ?? own.stereoRecordingUrl ?? both.url,
    mono: {
      ...whole,
      combinedUrl:
        whole.combinedUrl ?? whole.url ?? own.combinedUrl ?? own.monoUrl ?? own.recordingUrl ?? own.url,
    },
  });
};

/** The recordings of a report, in the same two places. */
export const recordingsIn = part({
  recording,
  ...recordingLinks,
  artifact: part({ recording, ...recordingLinks }),
});
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

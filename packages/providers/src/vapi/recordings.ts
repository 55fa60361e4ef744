import type { Channel, Json, RecordingLink, RecordingSource } from "@call-ledger/domain";
import { CHANNELS } from "@call-ledger/domain";
import type { WireRecordings } from "./recording.fields.ts";
import { recordingPlanIn } from "./recording.fields.ts";

const MAX_URL_LENGTH = 8_192;

/** The recordings of a report. `links` identify them, `sources` are the URLs at which they can be fetched now. */
export type Recordings = {
  readonly links: readonly RecordingLink[];
  readonly sources: readonly RecordingSource[];
};

export const NONE: Recordings = { links: [], sources: [] };
/** No URL is named, but the API may have the recording. */
export const AT_THE_API: Recordings = {
  links: [],
  sources: [{ channel: "mono", url: null, expiresAt: null }],
};

/**
 * Returns whether a message says that its call is recorded, and nowhere that it is not. A message without such a field
 * says neither.
 */
export function isSaidToBeRecorded(message: Json): boolean {
  const { assistant, call } = recordingPlanIn(message);
  const switches = [assistant, call.assistant, call.assistantOverrides]
    .flatMap(({ recordingEnabled, artifactPlan }) => [recordingEnabled, artifactPlan.recordingEnabled])
    .concat(call.artifactPlan.recordingEnabled);
  return switches.includes(true) && !switches.includes(false);
}

/** Whether a message names a video of its call: its sound is a recording of its own, which the API has. */
export function namesVideo({ artifact, recording, ...top }: WireRecordings): boolean {
  const places = [{ recording, ...top }, artifact];
  return places.some(({ recording: { videoUrl }, videoRecordingUrl, presignedVideoUrl }) =>
    [videoUrl, videoRecordingUrl, presignedVideoUrl].some((url) => url !== null),
  );
}

/**
 * Returns at most one link and one source for each channel. A presigned URL is the better source, a plain one the
 * better link. One party's recording identifies the call's recording only if there is no other; beside another one it
 * is only a source.
 */
export function recordingsOf(report: WireRecordings): Recordings {
  const expiresAt = report.artifact.presignedUrlsExpiresAt ?? report.presignedUrlsExpiresAt;
  const found = CHANNELS.flatMap((channel): Found[] => {
    const signed = firstUrl(presignedUrls(report, channel));
    const texts = plainUrls(report, channel);
    const plain = firstUrl(texts);
    const isNamed = signed !== null || texts.some((text) => text !== null);
    return isNamed ? [{ channel, signed, plain }] : [];
  });
  const isWhole = found.some(({ channel }) => channel === "mono" || channel === "stereo");
  const identifying = found.filter(({ channel }) => !isWhole || channel === "mono" || channel === "stereo");
  return {
    links: identifying.flatMap(({ channel, signed, plain }) => linkOf(channel, plain ?? signed)),
    sources: found.flatMap((one) => {
      const { channel, signed, plain } = one;
      if (hasQuery(signed)) return { channel, url: signed?.text ?? null, expiresAt };
      const isLink = identifying.includes(one) && (plain ?? signed) !== null && !hasQuery(plain);
      return isLink ? [] : { channel, url: plain?.text ?? null, expiresAt: null };
    }),
  };
}

/**
 * Joins what several places of a report name. The links come from the first place that names a recording. Another place
 * may have the URL of a channel for which the first has none that can be fetched.
 */
export function joinedRecordings(places: readonly Recordings[]): Recordings {
  const first = places.find(({ links, sources }) => links.length + sources.length > 0) ?? NONE;
  const channels = new Set([...first.links, ...first.sources].map(({ channel }) => channel));
  const others = places.flatMap(({ sources }) => sources).filter(({ channel }) => channels.has(channel));
  const sources = CHANNELS.flatMap((channel) => {
    const found = others.filter((one) => one.channel === channel);
    return found.find(({ url }) => url !== null) ?? found[0] ?? [];
  });
  return { links: first.links, sources };
}

type Candidates = readonly (string | null)[];

type Found = {
  readonly channel: Channel;
  readonly signed: FoundUrl | null;
  readonly plain: FoundUrl | null;
};

const PRESIGNED = {
  mono: "presignedMonoUrl",
  stereo: "presignedStereoUrl",
  customer: "presignedCustomerUrl",
  assistant: "presignedAssistantUrl",
} as const;

function presignedUrls({ artifact, ...top }: WireRecordings, channel: Channel): Candidates {
  return [artifact, top].map((place) => place[PRESIGNED[channel]]);
}

function plainUrls({ artifact, ...top }: WireRecordings, channel: Channel): Candidates {
  const places = [artifact, top];
  switch (channel) {
    case "mono":
      return places.flatMap(({ recording, recordingUrl }) => [recording.mono.combinedUrl, recordingUrl]);
    case "stereo":
      return places.flatMap(({ recording, stereoRecordingUrl }) => [recording.stereoUrl, stereoRecordingUrl]);
    case "customer":
      return places.map(({ recording }) => recording.mono.customerUrl);
    case "assistant":
      return places.map(({ recording }) => recording.mono.assistantUrl);
  }
}

type FoundUrl = { readonly text: string; readonly url: URL };

function firstUrl(candidates: Candidates): FoundUrl | null {
  for (const text of candidates) {
    const url = text === null || text.length > MAX_URL_LENGTH ? null : URL.parse(text);
    if (text !== null && url !== null && /^https?:$/.test(url.protocol)) return { text, url };
  }
  return null;
}

/** Removes user, query and fragment, so that the rest is the same in every redelivery. */
function linkOf(channel: Channel, found: FoundUrl | null): RecordingLink[] {
  return found === null ? [] : [{ channel, url: found.url.origin + found.url.pathname }];
}

/** A URL without a query has no signature, so it adds nothing to the link. */
function hasQuery(found: FoundUrl | null): boolean {
  return found !== null && found.url.search !== "";
}

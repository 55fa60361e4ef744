import type { Channel, Instant, RecordingLink, RecordingSource } from "@call-ledger/domain";
import { CHANNELS } from "@call-ledger/domain";
import type { WireReport } from "./wire.schema.ts";

const MAX_URL_LENGTH = 8_192;

/** The recordings of a report: `links` identify them, `sources` say where they can be fetched at the moment. */
type Recordings = {
  readonly links: readonly RecordingLink[];
  readonly sources: readonly RecordingSource[];
};

/** At most one link and one source a channel: a presigned URL is the better source, a plain one the better link. */
export function recordingsOf(report: WireReport): Recordings {
  const { presignedMonoUrl, presignedStereoUrl, presignedUrlsExpiresAt } = report.artifact;
  const presigned = { mono: firstUrl([presignedMonoUrl]), stereo: firstUrl([presignedStereoUrl]) };
  const plain = { mono: firstUrl(monoUrls(report)), stereo: firstUrl(stereoUrls(report)) };
  return {
    links: CHANNELS.flatMap((channel) => linkOf(channel, plain[channel] ?? presigned[channel])),
    sources: CHANNELS.flatMap((channel) => {
      const source = sourceOf(channel, presigned[channel], presignedUrlsExpiresAt);
      return source.length > 0 ? source : sourceOf(channel, plain[channel], null);
    }),
  };
}

type Candidates = readonly (string | null)[];

function monoUrls({ artifact, recording, recordingUrl }: WireReport): Candidates {
  return [
    artifact.recording.mono.combinedUrl,
    artifact.recordingUrl,
    recording.mono.combinedUrl,
    recordingUrl,
  ];
}

function stereoUrls({ artifact, recording, stereoRecordingUrl }: WireReport): Candidates {
  return [artifact.recording.stereoUrl, artifact.stereoRecordingUrl, recording.stereoUrl, stereoRecordingUrl];
}

type FoundUrl = { readonly text: string; readonly url: URL };

function firstUrl(candidates: Candidates): FoundUrl | null {
  for (const text of candidates) {
    const url = text === null || text.length > MAX_URL_LENGTH ? null : URL.parse(text);
    if (text !== null && url !== null && /^https?:$/.test(url.protocol)) return { text, url };
  }
  return null;
}

/** Without user, query and fragment: what is left is the same in every redelivery. */
function linkOf(channel: Channel, found: FoundUrl | null): RecordingLink[] {
  return found === null ? [] : [{ channel, url: found.url.origin + found.url.pathname }];
}

/** A URL without a query has no signature in it, so it is no more than the link. */
function sourceOf(channel: Channel, found: FoundUrl | null, expiresAt: Instant | null): RecordingSource[] {
  return found === null || found.url.search === "" ? [] : [{ channel, url: found.text, expiresAt }];
}

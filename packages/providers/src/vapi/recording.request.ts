import type { Channel } from "@call-ledger/domain";

/** How a provider's API hands out recordings, and for how long. */
export type RecordingApi = {
  /** Milliseconds from the end of a call after which the provider's copy is gone. */
  readonly retentionMs: number;
  /** What to ask for a recording; the answer is the file or a redirect to it. */
  requestOf(
    credential: { readonly baseUrl: string; readonly apiKey: string },
    recording: { readonly providerCallId: string; readonly channel: Channel },
  ): { readonly url: string; readonly headers: Readonly<Record<string, string>> };
};

/** 14 days on the usual plan (docs.vapi.ai, data retention). */
const RETENTION_MS = 14 * 24 * 3_600_000;

/** `GET /call/:id/{mono,stereo}-recording` with the private key (docs.vapi.ai, retrieve call artifacts). */
export const vapiRecordings: RecordingApi = {
  retentionMs: RETENTION_MS,
  requestOf({ baseUrl, apiKey }, { providerCallId, channel }) {
    const call = encodeURIComponent(providerCallId);
    return {
      url: `${baseUrl.replace(/\/+$/, "")}/call/${call}/${channel}-recording`,
      headers: { authorization: `Bearer ${apiKey}` },
    };
  },
};

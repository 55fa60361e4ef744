import type { Channel, Json, RecordingLink, RecordingSource } from "@call-ledger/domain";
import { CHANNELS } from "@call-ledger/domain";
import type { OldRow } from "./old-row.ts";
import { instantOf, isObject, isPlaceholder, jsonOf, textOf } from "./old-row.ts";

/** The recordings that a row names. `links` identify them; `sources` are the URLs with a signature. */
export type OldRecordings = {
  readonly links: readonly RecordingLink[];
  readonly sources: readonly RecordingSource[];
};

/** The tables of recordings that the old system had still to fetch; the second has those that the first refused. */
export const UPLOAD_TABLES = ["recording_upload_queue", "failed_recording_uploads"] as const;

/** The columns of a path, the first to be read first. */
export const PATH_COLUMNS = ["recording_storage_path", "recording_path"];
/** The columns that can have a URL, the first to be read first. The signed one is the old system's own. */
export const URL_COLUMNS = ["recording_url", "vapi_recording_url", ...PATH_COLUMNS, "recording_signed_url"];

const MAX_URL_LENGTH = 8_192;
/** A folder or a file's extension. The old system wrote words such as `processing` while it had no path. */
const PATH = /\/|\.[a-z][a-z0-9]{1,4}$/i;
/** A URL, except those that name a place in a store. */
const NO_STORE = /^(?!(?:s3|gs):)[a-z][a-z0-9+.-]*:/i;

export function isUpload(row: OldRow): boolean {
  return UPLOAD_TABLES.some((table) => table === row.table);
}

/** The recordings of a row. The first column with a URL counts. */
export function recordingsIn(row: OldRow): OldRecordings {
  const expiresAt = instantOf(row, "recording_signed_url_expires_at");
  const found = URL_COLUMNS.map((column) => urlsIn(row, column)).find((urls) => urls.length > 0) ?? [];
  return {
    links: found.map(({ channel, url }) => ({ channel, url: url.origin + url.pathname })),
    sources: found
      .filter(({ url }) => url.search !== "")
      .map(({ channel, url }) => ({ channel, url: url.href, expiresAt })),
  };
}

/** The path of a recording that the old system says it has stored. */
export function storedPathIn(row: OldRow): string | null {
  return PATH_COLUMNS.map((column) => storedPathAt(row, column)).find((path) => path !== null) ?? null;
}

/** The path of a stored recording in a column; `null`: a URL, or a word that stands for a missing path. */
export function storedPathAt(row: OldRow, column: string): string | null {
  const text = textOf(row, column);
  if (text === null || !PATH.test(text) || NO_STORE.test(text) || isPlaceholder(text)) return null;
  return urlsIn(row, column).length > 0 ? null : text;
}

/** Whether the old system wanted to keep a recording, with or without success. */
export function wantsRecording(row: OldRow): boolean {
  return isUpload(row) || PATH_COLUMNS.some((column) => textOf(row, column) !== null);
}

/** The URLs in a column, which has a URL, or an object of the provider, possibly as text. */
export function urlsIn(row: OldRow, column: string): { readonly channel: Channel; readonly url: URL }[] {
  const urls = linksIn(jsonOf(row, column));
  return CHANNELS.flatMap((channel) => {
    const url = webUrl(urls[channel]);
    return url === null ? [] : [{ channel, url }];
  });
}

function linksIn(value: Json | null): Partial<Record<Channel, Json | undefined>> {
  if (typeof value === "string") return { mono: value };
  if (!isObject(value)) return {};
  const { mono, stereoUrl, combinedUrl, url, recordingUrl } = value;
  return {
    mono: [isObject(mono) ? mono.combinedUrl : mono, combinedUrl, url, recordingUrl].find(
      (candidate) => typeof candidate === "string",
    ),
    stereo: stereoUrl,
  };
}

function webUrl(value: Json | undefined): URL | null {
  const url = typeof value === "string" && value.length <= MAX_URL_LENGTH ? URL.parse(value) : null;
  return url !== null && /^https?:$/.test(url.protocol) ? url : null;
}

import { canonicalJson } from "../text/canonical-json.ts";
import type { Json } from "../text/json.ts";
import type { Report } from "./call-event.ts";

/** SHA-256 of a UTF-8 text as base64url without padding, 43 characters. Handed in, because domain code does no I/O. */
export type Digest = (text: string) => string;

/**
 * Higher is more trusted: what was fetched from the provider on purpose is fresher than what it pushed, and either is
 * nearer to the call than what an older system has made of it.
 */
const AUTHORITY = { adopted: 0, webhook: 1, reconcile: 2 } as const;

/** How many of transcript, summary, recording, cost and end time a report has, 0 to 5. */
export function completeness(report: Report): number {
  const parts = [report.transcript, report.summary, report.recordings[0], report.costUsd, report.endedAt];
  return parts.filter((part) => part !== null && part !== undefined).length;
}

/** The stored content of a report as JSON: exactly what the merge reads, nothing volatile. */
export function reportContent(report: Report): Json {
  const { recordings, ending, ...rest } = report;
  return { ...rest, ending, recordings: recordings.map(({ channel, url }) => [channel, url]) };
}

/**
 * A report's place in the total order of reports: fixed-width ASCII, compared by bytes.
 * Left to right: completeness (1 digit), source authority (1), revision time in ms (13, zeros when absent),
 * content fingerprint (12). A thin report never precedes a rich one, whichever came first.
 */
export function reportVersion(report: Report, digest: Digest): string {
  return versionOf(report, canonicalJson(reportContent(report)), digest);
}

/** The version of a report whose content, as canonical JSON, is `content`. */
export function versionOf(report: Report, content: string, digest: Digest): string {
  const time = String(report.revisedAt ?? 0).padStart(13, "0");
  const fingerprint = digest(content).slice(0, 12);
  return `${completeness(report)}${AUTHORITY[report.source]}${time}${fingerprint}`;
}

import { canonicalJson } from "../text/canonical-json.ts";
import type { Json } from "../text/json.ts";
import { saidOf } from "../text/json.ts";
import type { Report } from "./call-event.ts";
import { endingContent } from "./outcome.ts";
import { completeness } from "./report-fields.ts";
import { SOURCE } from "./versioned.ts";

/** SHA-256 of a UTF-8 text as base64url without padding, 43 characters. Handed in, because domain code does no I/O. */
export type Digest = (text: string) => string;

/** What was fetched from the provider on purpose is fresher than what it pushed. */
const AUTHORITY = { adopted: 0, webhook: 1, reconcile: 2 } as const;

/** The stored content of a report as JSON: exactly what the merge reads, nothing volatile. */
export function reportContent(report: Report): Json {
  const { recordings, forwardedTo, details, callerTurns: _derived, ending, ...rest } = report;
  const links = recordings.map(({ channel, url }) => [channel, url]);
  // Fields that older releases did not know only where they are said, so that versions and ids stay.
  return { ...rest, ending: endingContent(ending), ...saidOf({ forwardedTo, details }), recordings: links };
}

/**
 * A report's place in the total order of reports: 30 characters of ASCII, compared by bytes.
 * Left to right: whose word it is (1 letter), completeness (2 digits), source authority (1), revision time in ms (13,
 * zeros when absent), length of the content (5, base 36), fingerprint of the content (8).
 * How much a report says comes before any hash; nothing in it depends on its arrival.
 */
export function reportVersion(report: Report, digest: Digest): string {
  return versionOf(report, canonicalJson(reportContent(report)), digest);
}

/** The version of a report whose content, as canonical JSON, is `content`. */
export function versionOf(report: Report, content: string, digest: Digest): string {
  const whose = report.source === "adopted" ? SOURCE.adopted : SOURCE.provider;
  const said = String(completeness(report)).padStart(2, "0");
  const time = String(report.revisedAt ?? 0).padStart(13, "0");
  const length = Math.min(content.length, MAX_LENGTH).toString(36).padStart(5, "0");
  return `${whose}${said}${AUTHORITY[report.source]}${time}${length}${digest(content).slice(0, 8)}`;
}

/** The greatest number of five digits to the base of 36; longer bodies are refused long before. */
const MAX_LENGTH = 36 ** 5 - 1;

import { canonicalJson } from "../text/canonical-json.ts";
import type { Json } from "../text/json.ts";
import { withoutNulls } from "../text/json.ts";
import type { Report } from "./call-event.ts";
import { endingContent } from "./outcome.ts";
import { completeness } from "./report-fields.ts";
import { SOURCE } from "./versioned.ts";

/** SHA-256 of a UTF-8 text as base64url without padding, 43 characters. A parameter, because the domain has no Node. */
export type Digest = (text: string) => string;

/** A report that was fetched from the provider's API is newer than one that the provider sent. */
const AUTHORITY = { adopted: 0, early: 0, webhook: 1, reconcile: 2 } as const;
const LETTERS = {
  adopted: SOURCE.adopted,
  early: SOURCE.early,
  webhook: SOURCE.provider,
  reconcile: SOURCE.provider,
} as const;

/** Returns the stored content of a report as JSON: exactly the facts that the merge reads, none of them volatile. */
export function reportContent(report: Report): Json {
  const { recordings, forwardedTo, details, callerTurns: _derived, ending, ...rest } = report;
  const links = recordings.map(({ channel, url }) => [channel, url]);
  // Fields that older releases did not have are left out if they are null, so that versions and ids do not change.
  return {
    ...rest,
    ending: endingContent(ending),
    ...withoutNulls({ forwardedTo, details }),
    recordings: links,
  };
}

/**
 * Returns a report's place in the total order of reports: 30 characters of ASCII, compared by bytes.
 * Left to right: source (1 letter), completeness (2 digits), authority of the source (1), revision time in ms (13,
 * zeros if absent), length of the content (5, base 36), fingerprint of the content (8).
 * The amount of content is compared before any hash, and no part depends on the arrival.
 */
export function reportVersion(report: Report, digest: Digest): string {
  return versionOf(report, canonicalJson(reportContent(report)), digest);
}

/** Returns the version of a report whose content, as canonical JSON, is `content`. */
export function versionOf(report: Report, content: string, digest: Digest): string {
  const fullness = String(completeness(report)).padStart(2, "0");
  const time = String(report.revisedAt ?? 0).padStart(13, "0");
  const length = Math.min(content.length, MAX_LENGTH).toString(36).padStart(5, "0");
  return `${LETTERS[report.source]}${fullness}${AUTHORITY[report.source]}${time}${length}${digest(content).slice(0, 8)}`;
}

/** The greatest number of five digits in base 36. The limit of a body's size is far below it. */
const MAX_LENGTH = 36 ** 5 - 1;

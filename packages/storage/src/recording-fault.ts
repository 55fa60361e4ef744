/**
 * Why an attempt at a recording did not end in a stored object.
 * - `gone`: the source refuses to send it (400, 401, 403, 410) or does not have it (404)
 * - `forbidden`: our own rules forbid the source
 * - `unlisted`: the operator has not allowed the source's host yet
 * - `unsuitable`: the response is not a recording, or is too large
 * - `passing`: the source failed this time
 * - `lost`: the job is no longer ours, or the process stops: the job's state must not be changed
 */
export type RecordingFaultKind = "gone" | "forbidden" | "unlisted" | "unsuitable" | "passing" | "lost";

/** `reason` is for people. It never contains a URL, an IP address or content of the download. */
export class RecordingFault extends Error {
  override readonly name = "RecordingFault";
  readonly kind: RecordingFaultKind;
  readonly reason: string;
  /** The `Retry-After` of the source in milliseconds. */
  readonly retryAfterMs: number | null;
  /** The HTTP status of the source, if it answered. */
  readonly status: number | null;
  /** The host name of an `unlisted` source. */
  readonly host: string | null;
  /** Whether the status is that of where the source redirects to, not the source's own. */
  readonly isRedirected: boolean;

  constructor(
    kind: RecordingFaultKind,
    reason: string,
    {
      retryAfterMs = null,
      status = null,
      host = null,
      isRedirected = false,
    }: {
      retryAfterMs?: number | null;
      status?: number | null;
      host?: string | null;
      isRedirected?: boolean;
    } = {},
  ) {
    super(reason);
    this.kind = kind;
    this.reason = reason;
    this.retryAfterMs = retryAfterMs;
    this.status = status;
    this.host = host;
    this.isRedirected = isRedirected;
  }
}

/**
 * Why a request to a server outside did not end as it should: to a source of recordings, a provider's API or the server
 * of a channel.
 * - `gone`: the server refuses to send it (400, 401, 403, 410) or does not have it (404)
 * - `forbidden`: our own rules forbid the request
 * - `unlisted`: the operator has not allowed the server's host yet
 * - `unsuitable`: the answer is not what was asked for, or is too large
 * - `passing`: the request failed this time
 */
export type EgressFaultKind = "gone" | "forbidden" | "unlisted" | "unsuitable" | "passing";

/**
 * `reason` is for people, and calls the server outside "the server". It never contains a URL, an IP address or content
 * of the answer.
 */
export class EgressFault extends Error {
  override readonly name = "EgressFault";
  readonly kind: EgressFaultKind;
  readonly reason: string;
  /** The `Retry-After` of the server in milliseconds. */
  readonly retryAfterMs: number | null;
  /** The HTTP status of the server, if it answered. */
  readonly status: number | null;
  /** The host name of an `unlisted` server. */
  readonly host: string | null;
  /** Whether the status is that of where the server redirects to, not the server's own. */
  readonly isRedirected: boolean;

  constructor(
    kind: EgressFaultKind,
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

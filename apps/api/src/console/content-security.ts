/**
 * The Content-Security-Policy of the console's page. Scripts and styles come from this server. The nonce is for the
 * style elements that two of the console's libraries write. Audio may come from the bucket of recordings, if there is
 * one. `mediaOrigin`: scheme and host of the bucket; `null`: this server sends the recordings.
 */
export function contentSecurityPolicy(nonce: string, mediaOrigin: string | null): string {
  return [
    "default-src 'none'",
    "script-src 'self'",
    `style-src 'self' 'nonce-${nonce}'`,
    "img-src 'self'",
    "font-src 'self'",
    "connect-src 'self'",
    `media-src 'self'${mediaOrigin === null ? "" : ` ${mediaOrigin}`}`,
    "base-uri 'none'",
    "form-action 'none'",
    "frame-ancestors 'none'",
  ].join("; ");
}

/**
 * The Content-Security-Policy of the page of the API's reference. The page reads the API's description from this
 * server, and sends the requests that its reader tries to this server only.
 */
export function referencePolicy(nonce: string): string {
  return [
    "default-src 'none'",
    "script-src 'self'",
    `style-src 'nonce-${nonce}'`,
    // The library writes style attributes. They can load nothing that the other rules forbid.
    "style-src-attr 'unsafe-inline'",
    "img-src 'self'",
    "connect-src 'self'",
    "base-uri 'none'",
    "form-action 'none'",
    "frame-ancestors 'none'",
  ].join("; ");
}

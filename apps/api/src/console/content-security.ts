/**
 * The Content-Security-Policy of the console's page. Scripts and styles come from this server; the nonce is for the style
 * elements that two of its libraries write. Audio may come from the bucket of recordings, if there is one.
 * @param mediaOrigin scheme and host of the bucket; `null`: recordings are served from here
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
 * The Content-Security-Policy of the page of the API's reference. It asks for the description of the API, and for what
 * its reader tries, from this server alone.
 */
export function referencePolicy(nonce: string): string {
  return [
    "default-src 'none'",
    "script-src 'self'",
    `style-src 'nonce-${nonce}'`,
    // The library writes style attributes, as many as it likes; they cannot load anything that the others may not.
    "style-src-attr 'unsafe-inline'",
    "img-src 'self'",
    "connect-src 'self'",
    "base-uri 'none'",
    "form-action 'none'",
    "frame-ancestors 'none'",
  ].join("; ");
}

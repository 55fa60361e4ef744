/** The nonce of the page's Content-Security-Policy: style elements that libraries write have to carry it. */
export function cspNonce(): string {
  return document.querySelector<HTMLMetaElement>('meta[property="csp-nonce"]')?.content ?? "";
}

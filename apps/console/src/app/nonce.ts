/** The nonce of the page's Content-Security-Policy. Style elements that libraries write must have it. */
export function cspNonce(): string {
  return document.querySelector<HTMLMetaElement>('meta[property="csp-nonce"]')?.content ?? "";
}

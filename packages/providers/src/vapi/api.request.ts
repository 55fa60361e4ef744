/** Returns the URL of Vapi's API without a slash at its end. */
export function withoutSlash(baseUrl: string): string {
  return baseUrl.replace(/\/+$/, "");
}

/** Returns the header with an account's private key. */
export function authorization(apiKey: string): Readonly<Record<string, string>> {
  return { authorization: `Bearer ${apiKey}` };
}

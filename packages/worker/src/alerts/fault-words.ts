/** Guarded connections speak of sources, because recordings came first. */
export function inWordsOfServers(reason: string): string {
  return reason.replaceAll("the source", "the server");
}

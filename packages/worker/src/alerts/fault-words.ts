/** Replaces "source" by "server" in a reason, because guarded connections were written for sources of recordings. */
export function inWordsOfServers(reason: string): string {
  return reason.replaceAll("the source", "the server");
}

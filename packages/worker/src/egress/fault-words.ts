/** A peer of guarded connections, as the reasons of their faults name it. */
export type Peer = "the API" | "the server";

/** Names a peer in a reason. Guarded connections call each peer "the source", after the sources of recordings. */
export function inWordsOf(peer: Peer, reason: string): string {
  return reason.replaceAll("the source", peer);
}

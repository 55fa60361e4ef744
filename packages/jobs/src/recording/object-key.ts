import type { Channel } from "@call-ledger/domain";
import type { AudioType } from "./audio-type.ts";

const UUID = /^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;

/**
 * The key of a recording's object: `org/<id>/call/<id>/<channel>.<type>`. Ids are ours, never the provider's, so no
 * key can leave its organization's folder. Throws on an id that is no UUID.
 */
export function objectKey(
  { orgId, callId, channel }: { readonly orgId: string; readonly callId: string; readonly channel: Channel },
  type: AudioType,
): string {
  if (!UUID.test(orgId) || !UUID.test(callId)) throw new Error("an object's key is made of UUIDs");
  return `org/${orgId}/call/${callId}/${channel}.${type}`;
}

import type { Channel } from "@call-ledger/domain";
import { CHANNELS } from "@call-ledger/domain";
import type { AudioType } from "./audio-type.ts";
import { MEDIA_TYPES } from "./audio-type.ts";

/** What all keys of recordings begin with. */
export const KEY_PREFIX = "org/";

const KEY =
  /^org\/([0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12})\/call\/([0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12})\/([a-z]+)\.([a-z0-9]+)$/;
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

/** What a key of ours names; `null` for every other key: the storage may hold other people's objects beside ours. */
export function readObjectKey(key: string): { orgId: string; callId: string; channel: Channel } | null {
  const [, orgId = "", callId = "", name, type = ""] = KEY.exec(key) ?? [];
  const channel = CHANNELS.find((one) => one === name);
  if (channel === undefined || !Object.hasOwn(MEDIA_TYPES, type)) return null;
  return { orgId, callId, channel };
}

import type { Channel } from "@call-ledger/domain";
import { CHANNELS } from "@call-ledger/domain";
import type { AudioType } from "./audio-type.ts";
import { MEDIA_TYPES } from "./audio-type.ts";

/** What a key says of its object. */
export type NamedObject = {
  readonly orgId: string;
  readonly callId: string;
  readonly channel: Channel;
  readonly mediaType: string;
  /** For whoever saves it: the call's id, the channel and the type. */
  readonly fileName: string;
};

/** What all keys of recordings begin with. */
export const KEY_PREFIX = "org/";

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
  return `${KEY_PREFIX}${orgId}/call/${callId}/${channel}.${type}`;
}

const KEY = /^org\/([0-9a-f-]{36})\/call\/([0-9a-f-]{36})\/([a-z]+)\.([a-z0-9]+)$/;

/**
 * Reads a key that `objectKey` made; `null` for every other text: a path that leads elsewhere, or an object of others
 * that the storage holds beside ours.
 */
export function namedObject(key: string): NamedObject | null {
  const [, orgId = "", callId = "", name, type] = KEY.exec(key) ?? [];
  const channel = CHANNELS.find((one) => one === name);
  if (!UUID.test(orgId) || !UUID.test(callId) || channel === undefined) return null;
  const mediaType = Object.entries(MEDIA_TYPES).find(([ending]) => ending === type)?.[1];
  if (mediaType === undefined) return null;
  return { orgId, callId, channel, mediaType, fileName: `${callId}-${channel}.${type}` };
}

import type { Channel } from "@call-ledger/domain";
import { CHANNELS } from "@call-ledger/domain";
import type { AudioType } from "./audio-type.ts";
import { MEDIA_TYPES } from "./audio-type.ts";

/** Which recording an object belongs to. */
export type ObjectOwner = {
  readonly orgId: string;
  readonly callId: string;
  readonly channel: Channel;
};

/** What the key of a recording says of its object. */
export type NamedObject = ObjectOwner & {
  readonly mediaType: string;
  /** For whoever saves it: the call's id, the channel and the type. */
  readonly fileName: string;
};

/** What all keys begin with. */
export const KEY_PREFIX = "org/";

const UUID = /^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;

/**
 * The key of a recording's object: `org/<id>/call/<id>/<channel>.<type>`. Ids are ours, never the provider's, so no
 * key can leave its organization's folder. Throws on an id that is no UUID.
 */
export function objectKey(owner: ObjectOwner, type: AudioType): string {
  return `${keyOf(owner)}.${type}`;
}

/** The key of a recording's waveform, beside it: `org/<id>/call/<id>/<channel>.peaks.json`. Throws as `objectKey`. */
export function peaksKey(owner: ObjectOwner): string {
  return `${keyOf(owner)}.${PEAKS}`;
}

function keyOf({ orgId, callId, channel }: ObjectOwner): string {
  if (!UUID.test(orgId) || !UUID.test(callId)) throw new Error("an object's key is made of UUIDs");
  return `${KEY_PREFIX}${orgId}/call/${callId}/${channel}`;
}

const PEAKS = "peaks.json";
const KEY = /^org\/([0-9a-f-]{36})\/call\/([0-9a-f-]{36})\/([a-z]+)\.([a-z0-9.]+)$/;

/**
 * Reads a key that `objectKey` made; `null` for every other text: a path that leads elsewhere, a waveform, or an object
 * of others that the storage holds beside ours.
 */
export function namedObject(key: string): NamedObject | null {
  const read = readKey(key);
  const mediaType = Object.entries(MEDIA_TYPES).find(([type]) => type === read?.ending)?.[1];
  if (read === null || mediaType === undefined) return null;
  const { ending, ...owner } = read;
  return { ...owner, mediaType, fileName: `${owner.callId}-${owner.channel}.${ending}` };
}

/** Whose recording or waveform lies under a key; `null`: the key is none of ours. */
export function objectOwner(key: string): ObjectOwner | null {
  const read = readKey(key);
  return read?.ending === PEAKS || namedObject(key) !== null ? read : null;
}

function readKey(key: string): (ObjectOwner & { readonly ending: string }) | null {
  const [, orgId = "", callId = "", name, ending = ""] = KEY.exec(key) ?? [];
  const channel = CHANNELS.find((one) => one === name);
  if (!UUID.test(orgId) || !UUID.test(callId) || channel === undefined) return null;
  return { orgId, callId, channel, ending };
}

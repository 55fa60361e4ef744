import type { Channel } from "@call-ledger/domain";
import { CHANNELS } from "@call-ledger/domain";
import type { AudioType } from "./audio-type.ts";
import { MEDIA_TYPES } from "./audio-type.ts";

/** The recording to which an object belongs. */
export type ObjectOwner = {
  readonly orgId: string;
  readonly callId: string;
  readonly channel: Channel;
};

/** The facts of an object that its key contains. */
export type NamedObject = ObjectOwner & {
  readonly mediaType: string;
  /** The file name for a person who saves the recording: the call's id, the channel and the type. */
  readonly fileName: string;
};

/** The prefix of all keys. */
export const KEY_PREFIX = "org/";

const UUID = /^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;

/**
 * Returns the key of a recording's object: `org/<id>/call/<id>/<channel>.<type>`. The ids are ours, never the
 * provider's, so no key can leave its organization's folder. Throws an Error for an id that is not a UUID.
 */
export function objectKey(owner: ObjectOwner, type: AudioType): string {
  return `${keyOf(owner)}.${type}`;
}

/**
 * Returns the key of a recording's waveform, beside the recording: `org/<id>/call/<id>/<channel>.peaks.json`. Throws as
 * `objectKey`.
 */
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
 * Parses a key that `objectKey` made. Returns `null` for any other text: a path outside of the folder, a waveform, or
 * an object of another program in the same storage.
 */
export function namedObject(key: string): NamedObject | null {
  const read = readKey(key);
  const mediaType = Object.entries(MEDIA_TYPES).find(([type]) => type === read?.ending)?.[1];
  if (read === null || mediaType === undefined) return null;
  const { ending, ...owner } = read;
  return { ...owner, mediaType, fileName: `${owner.callId}-${owner.channel}.${ending}` };
}

/** Returns the owner of the recording or waveform with this key, or `null` if the key is not ours. */
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

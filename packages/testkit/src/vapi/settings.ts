import type { JsonObject } from "./snapshots.ts";

/** The settings of an account at Vapi, by kind and id. */
export type VapiSettings = {
  readonly assistant: Map<string, JsonObject>;
  readonly "phone-number": Map<string, JsonObject>;
  readonly squad: Map<string, JsonObject>;
  readonly credential: Map<string, JsonObject>;
  /** The organization: one entry, or none. */
  readonly org: Map<string, JsonObject>;
  /** Kinds that the account's key may not read. They get 403. */
  readonly forbidden: Set<SettingsKind>;
};

const KINDS = ["assistant", "phone-number", "squad", "credential", "org"] as const;
type SettingsKind = (typeof KINDS)[number];

type Reply = { readonly status: number; readonly body: unknown };

type Asked = {
  readonly kind: SettingsKind;
  readonly id: string | undefined;
  readonly url: URL;
  /** The fields of a PATCH; `null` for a GET. */
  readonly change: JsonObject | null;
};

const MAX_LIMIT = 1_000;
/**
 * The API never returns the secret of a credential or of a server URL. For a server URL it returns whether a secret is
 * set.
 */
const SECRETS = ["secretKey", "token", "clientSecret", "secret"];

export function emptySettings(): VapiSettings {
  const objects = () => new Map<string, JsonObject>();
  return {
    assistant: objects(),
    "phone-number": objects(),
    squad: objects(),
    credential: objects(),
    org: objects(),
    forbidden: new Set(),
  };
}

export function isSettingsKind(kind: string | undefined): kind is SettingsKind {
  return KINDS.some((one) => one === kind);
}

/**
 * Lists the objects of a kind, or reads or changes one object. A changed field is replaced as a whole. Only the key's
 * organization is requested without an id, and the answer is one object.
 */
export function replyFromSettings(settings: VapiSettings, { kind, id, url, change }: Asked): Reply {
  const objects = settings[kind];
  if (settings.forbidden.has(kind)) return failure(403, "Forbidden resource");
  if (id === undefined) return listOf(kind, objects, url);
  const found = objects.get(id);
  if (found === undefined) return failure(404, "Not found.");
  if (change === null) return { status: 200, body: shown(id, found) };
  if (kind === "phone-number" && change.provider !== found.provider) {
    return failure(400, "provider must be the number's");
  }
  const changed = { ...found, ...change };
  objects.set(id, changed);
  return { status: 200, body: shown(id, changed) };
}

function listOf(kind: SettingsKind, objects: ReadonlyMap<string, JsonObject>, { searchParams }: URL): Reply {
  const limit = Number(searchParams.get("limit") ?? 100);
  if (!(limit >= 0 && limit <= MAX_LIMIT)) return failure(400, `limit must not be greater than ${MAX_LIMIT}`);
  const list = [...objects].map(([id, fields]) => shown(id, fields));
  return { status: 200, body: kind === "org" ? (list[0] ?? null) : list.slice(0, limit) };
}

function shown(id: string, fields: JsonObject): JsonObject {
  const hasSecret = JSON.stringify(fields.server ?? null).includes('"secret":');
  return JSON.parse(
    JSON.stringify({ id, ...fields, ...(hasSecret ? { isServerUrlSecretSet: true } : {}) }, (name, value) =>
      SECRETS.includes(name) ? undefined : value,
    ),
  );
}

/** An error as the API sends it. */
export function failure(status: number, message: string): Reply {
  return { status, body: { statusCode: status, message } };
}

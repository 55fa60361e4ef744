import type { Json } from "@call-ledger/domain";
import { isList, mapElements, mapFields } from "@call-ledger/domain";
import type { Removal, RemovalUnder } from "./secret-names.ts";
import { strongerRemoval } from "./secret-names.ts";

/** What stands where a secret was. */
export const REMOVED = "[removed]";

const URL_IN_TEXT = /\b(?:https?|wss?):\/\/[^\s"'<>\\]+/gi;
const SIGNED_QUERY =
  /[?&](?:x-amz-|x-goog-|awsaccesskeyid=|signature=|sig=|se=|token=|key-pair-id=|expires=)/i;

/**
 * The value without what must not be stored: everything under a secret's name at any depth, and the query of every
 * signed URL. The shape stays, so that a reader sees that something was there. What holds no secret is not copied.
 */
export function withoutSecrets(value: Json, removalUnder: RemovalUnder, removal: Removal = "nothing"): Json {
  if (typeof value === "string") return removal === "nothing" ? withoutSignedQueries(value) : REMOVED;
  if (typeof value === "number") return removal === "all" ? REMOVED : value;
  if (value === null || typeof value !== "object") return value;
  if (isList(value)) return mapElements(value, (inner) => withoutSecrets(inner, removalUnder, removal));
  return mapFields(value, (inner, name) =>
    withoutSecrets(inner, removalUnder, strongerRemoval(removal, removalUnder(name))),
  );
}

/** A text in which signed URLs have lost their query and fragment. */
export function withoutSignedQueries(text: string): string {
  if (!text.includes("://")) return text;
  return text.replace(URL_IN_TEXT, (url) =>
    SIGNED_QUERY.test(url) ? url.slice(0, url.search(/[?&]/)) : url,
  );
}

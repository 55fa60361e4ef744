import type { Json } from "@call-ledger/domain";
import { isObject } from "../common/json-body.ts";

/**
 * Returns the description of a transfer's destination, which the owner of the assistant wrote, or the name of the
 * assistant that took over. `null`: the details have neither.
 */
export function vapiDestinationName(details: Json): string | null {
  const { destination = null } = isObject(details) ? details : {};
  const { description = null, assistantName = null } = isObject(destination) ? destination : {};
  const names = [description, assistantName].filter((name) => typeof name === "string");
  return names.map((name) => name.trim()).find((name) => name !== "") ?? null;
}

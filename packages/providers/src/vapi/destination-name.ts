import type { Json } from "@call-ledger/domain";
import { isObject } from "../common/json-body.ts";

/** A longer description, or one of several lines, is an instruction for the assistant, which not everybody may read. */
const MAX_NAME_LENGTH = 60;

/**
 * Returns the description of a transfer's destination, which the owner of the assistant wrote, or the name of the
 * assistant that took over. `null`: the details have neither, or no name that is short.
 */
export function vapiDestinationName(details: Json): string | null {
  const { destination = null } = isObject(details) ? details : {};
  const { description = null, assistantName = null } = isObject(destination) ? destination : {};
  const texts = [description, assistantName].filter((text) => typeof text === "string");
  return texts.map((text) => text.trim()).find(isName) ?? null;
}

function isName(text: string): boolean {
  return text !== "" && text.length <= MAX_NAME_LENGTH && !text.includes("\n");
}

import type { ExpectedSetup } from "../../common/setup-api.ts";
import { targetOf } from "./scope.ts";

/** Where a squad has to be changed, for the end of a sentence. */
export const IN_SENDING_PARTS = "in each member and override of the squad that has this account's URL";

/**
 * Returns a URL for people. Only our own URLs are shown with their paths, because another path may be secret. A query
 * is never shown.
 */
export function shownUrl(text: string | null, expected: ExpectedSetup): string {
  if (text === null) return "none";
  const url = URL.parse(text);
  if (url === null) return "no URL";
  return targetOf(text, expected) === "host" ? url.host : url.origin + url.pathname;
}

export function capital(sentence: string): string {
  return sentence.charAt(0).toUpperCase() + sentence.slice(1);
}

export function counted(count: number, one: string, many = `${one}s`): string {
  return `${count} ${count === 1 ? one : many}`;
}

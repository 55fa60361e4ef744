import type { CallFacts } from "@call-ledger/domain";
import type { ExpectedSetup } from "../../common/setup-api.ts";
import type { Assistant, PhoneNumber, Squad, VapiSetup } from "./setup.documents.ts";

/** The destination of a server URL. `path`: this host and port, but not an account's path, or not https. */
export type Target = "ours" | "another account" | "path" | "host" | "nowhere";

/** The settings on which the account's calls depend. */
export type Scope = {
  readonly assistants: readonly Assistant[];
  readonly numbers: readonly PhoneNumber[];
  readonly squads: readonly Squad[];
};

export function targetOf(url: string | null, expected: ExpectedSetup): Target {
  if (url === null) return "nowhere";
  if (isSameAddress(url, expected.webhookUrl)) return "ours";
  if (expected.otherWebhookUrls.some((other) => isSameAddress(url, other))) return "another account";
  const host = URL.parse(url)?.host;
  return host !== undefined && host === URL.parse(expected.webhookUrl)?.host ? "path" : "host";
}

/** A slash at the end and a query make no difference. */
function isSameAddress(a: string, b: string): boolean {
  const [one, other] = [URL.parse(a), URL.parse(b)].map(
    (url) => url && url.origin + url.pathname.replace(/\/+$/, ""),
  );
  return one != null && one === other;
}

/**
 * Returns the settings that decide about an account's calls. For an account that belongs to one organization these are
 * all, except those that send to another account of ours. For the platform's account these are the registered objects
 * and those to which a registered squad or number leads.
 */
export function scopeOf(setup: VapiSetup, expected: ExpectedSetup): Scope {
  const agents = new Set(expected.agents.map(({ providerAgentId }) => providerAgentId));
  const numberIds = new Set(expected.agents.map(({ providerPhoneNumberId }) => providerPhoneNumberId));
  const isRegistered = ({ id }: { readonly id: string }) => agents.has(id) || numberIds.has(id);
  if (expected.ownsAllCalls) {
    const isOwn = (place: Assistant | PhoneNumber) =>
      isRegistered(place) || targetOf(place.url, expected) !== "another account";
    return {
      assistants: setup.assistants.filter(isOwn),
      numbers: setup.numbers.filter(isOwn),
      squads: setup.squads,
    };
  }
  const ringing = setup.numbers.filter(isRegistered);
  const squads = setup.squads.filter(
    (squad) => isRegistered(squad) || ringing.some(({ squadId }) => squadId === squad.id),
  );
  const led = new Set([
    ...ringing.map(({ assistantId }) => assistantId),
    ...squads.flatMap(({ members }) => members.map(({ assistantId }) => assistantId)),
  ]);
  const assistants = setup.assistants.filter((one) => isRegistered(one) || led.has(one.id));
  const ids = new Set([...assistants, ...squads].map(({ id }) => id));
  const numbers = setup.numbers.filter(
    (one) => isRegistered(one) || ids.has(one.assistantId ?? "") || ids.has(one.squadId ?? ""),
  );
  return { assistants, numbers, squads };
}

/**
 * Returns the function that tells whether a call is the account's. Its agents decide before its numbers, because
 * another system may call from our number.
 */
export function callsIn(
  scope: Scope,
  setup: VapiSetup,
  expected: ExpectedSetup,
): (facts: CallFacts) => boolean {
  const idsOf = (objects: readonly { readonly id: string }[]) => objects.map(({ id }) => id);
  const registered = expected.agents.flatMap((one) => [
    one.providerAgentId,
    ...[one.providerPhoneNumberId, one.phoneNumber].filter((name) => name !== null),
  ]);
  const own = new Set([...idsOf([...scope.assistants, ...scope.squads, ...scope.numbers]), ...registered]);
  const known = new Set(idsOf([...setup.assistants, ...setup.numbers]));
  return ({ providerAgentId, providerPhoneNumberId, ourNumber, alsoNamed }) => {
    const agents = [providerAgentId, ...(alsoNamed?.agentIds ?? [])];
    const numbers = [providerPhoneNumberId, ourNumber, ...(alsoNamed?.phoneNumberIds ?? [])];
    for (const names of [agents, [...numbers, ...(alsoNamed?.ourNumbers ?? [])]]) {
      const given = names.filter((name) => name !== null);
      if (given.some((name) => own.has(name))) return true;
      if (given.some((name) => known.has(name))) return false;
    }
    return expected.ownsAllCalls;
  };
}

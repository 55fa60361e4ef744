import { randomUUID } from "node:crypto";
import type { CallEvent, CallFacts, CallState, Digest, EventOrigin, KeyedEvent } from "@call-ledger/domain";
import { keyEvents, mergeStates, NO_FACTS, SOURCE, stateOf } from "@call-ledger/domain";
import { callEvent, callFacts, eventSource, sha256, sourceOfEvent } from "@call-ledger/domain/testing";
import fc from "fast-check";
import type postgres from "postgres";
import { PLATFORM_ACCOUNTS } from "../schema/platform-accounts.ts";
import type { DeliveryToBook } from "../write/delivery-to-book.ts";

/** A provider account of the fixture. `given` accounts belong to the organization. */
type Account = { readonly id: string; readonly given: boolean };
type KnownAgent = {
  readonly id: string;
  readonly accountId: string;
  readonly providerAgentId: string;
  readonly providerPhoneNumberId: string | null;
  readonly phoneNumber: string | null;
};

/**
 * One organization with a platform account and its own account. Its agents match only some of the generated ids and
 * numbers.
 */
export type OrganizationFixture = {
  readonly orgId: string;
  readonly accounts: readonly Account[];
  readonly agents: readonly KnownAgent[];
};

/** One delivery of a generated call: facts and a single event, over one of the two accounts. */
export type GeneratedDelivery = {
  readonly account: number;
  readonly facts: CallFacts;
  readonly event: CallEvent;
  /** The source of the event, as in the domain. Default: the provider. */
  readonly source?: string;
};

export const PLATFORM_ACCOUNT = String(PLATFORM_ACCOUNTS.vapi);

/** The time at which generated deliveries arrive. Their agents are registered at the same time. */
const RECEIVED_AT = new Date(Date.UTC(2026, 2, 12, 15, 5));

/** Facts of an inbound call of an agent in the fixture, and nothing more. */
export const KNOWN_FACTS: CallFacts = {
  ...NO_FACTS,
  providerAgentId: "asst-1",
  direction: "inbound",
};

const known = {
  agentIds: ["asst-1", "asst-2", "asst-unknown"],
  phoneNumberIds: ["num-1", "num-unknown"],
  ourNumbers: ["+12025550100", "+12025550101", "+12025550999"],
};

/** Returns the facts for the agents of another organization: unchanged for 0, otherwise without an agent in common. */
function factsOfOrganization(facts: CallFacts, organization: number): CallFacts {
  if (organization === 0) return facts;
  const renamed = (name: string | null) => (name === null ? null : `${name}-${organization}`);
  const renumbered = (number: string) => number.replace("202", String(202 + organization));
  return {
    ...facts,
    alsoNamed: facts.alsoNamed && {
      agentIds: facts.alsoNamed.agentIds.map((name) => `${name}-${organization}`),
      phoneNumberIds: facts.alsoNamed.phoneNumberIds.map((name) => `${name}-${organization}`),
      ourNumbers: facts.alsoNamed.ourNumbers.map(renumbered),
    },
    providerAgentId: renamed(facts.providerAgentId),
    providerPhoneNumberId: renamed(facts.providerPhoneNumberId),
    ourNumber: facts.ourNumber && renumbered(facts.ourNumber),
  };
}

/** Returns a generated delivery for another organization. */
export function inOrganization(generated: GeneratedDelivery, organization: number): GeneratedDelivery {
  return { ...generated, facts: factsOfOrganization(generated.facts, organization) };
}

/** Generates this number of calls. Equal seeds give equal calls. */
export function sampleCalls(seed: number, count: number): GeneratedDelivery[][] {
  return fc.sample(generatedCall, { seed, numRuns: count });
}

/** `organization` distinguishes the fixtures of one database. Use `inOrganization` for their deliveries. */
export async function createOrganizationFixture(
  sql: postgres.Sql,
  organization = 0,
): Promise<OrganizationFixture> {
  const orgId = randomUUID();
  const own = randomUUID();
  await sql`insert into organizations (id, name) values (${orgId}, 'generated')`;
  await sql`insert into provider_accounts (id, provider, org_id) values (${own}, 'vapi', ${orgId})`;
  const agents: KnownAgent[] = [
    agent(organization, PLATFORM_ACCOUNT, "asst-1", "num-1", "+12025550100"),
    agent(organization, PLATFORM_ACCOUNT, "asst-2", null, "+12025550101"),
    agent(organization, own, "asst-1", null, "+12025550100"),
  ];
  for (const one of agents) {
    await sql`insert into agents
      (id, org_id, provider_account_id, provider_agent_id, provider_phone_number_id, phone_number, created_at)
      values (${one.id}, ${orgId}, ${one.accountId}, ${one.providerAgentId}, ${one.providerPhoneNumberId},
        ${one.phoneNumber}, ${RECEIVED_AT})`;
  }
  return {
    orgId,
    accounts: [
      { id: PLATFORM_ACCOUNT, given: false },
      { id: own, given: true },
    ],
    agents,
  };
}

function agent(
  organization: number,
  accountId: string,
  providerAgentId: string,
  providerPhoneNumberId: string | null,
  ourNumber: string | null,
): KnownAgent {
  const facts = { ...KNOWN_FACTS, providerAgentId, providerPhoneNumberId, ourNumber };
  const { ourNumber: phoneNumber, ...ids } = factsOfOrganization(facts, organization);
  return {
    id: randomUUID(),
    accountId,
    providerAgentId: ids.providerAgentId ?? "",
    providerPhoneNumberId: ids.providerPhoneNumberId,
    phoneNumber,
  };
}

/** The deliveries of a call, most of them over the platform's account. */
export const generatedCall: fc.Arbitrary<GeneratedDelivery[]> = fc.array(
  fc
    .record({
      account: fc.constantFrom(0, 0, 0, 1),
      facts: callFacts(known),
      event: callEvent,
      source: eventSource,
    })
    .map((generated) => ({
      ...generated,
      source: sourceOfEvent(generated.source, generated.facts, generated.event),
    })),
  { minLength: 1, maxLength: 7 },
);

/** The rule by which the database finds an agent, implemented once more. */
function matchedAgent(
  fixture: OrganizationFixture,
  generated: GeneratedDelivery,
): { agentId: string; evidence: "byId" | "byNumber" } | null {
  const own = fixture.agents.filter((one) => one.accountId === fixture.accounts[generated.account]?.id);
  const { providerAgentId, providerPhoneNumberId, ourNumber, alsoNamed } = generated.facts;
  const firstOf = (names: readonly (string | null)[], nameOf: (one: KnownAgent) => string | null) =>
    names
      .map((name) => own.find((one) => name !== null && nameOf(one) === name))
      .find((one) => one !== undefined);
  const byId = firstOf([providerAgentId, ...(alsoNamed?.agentIds ?? [])], (one) => one.providerAgentId);
  if (byId !== undefined) return { agentId: byId.id, evidence: "byId" };
  const byNumber =
    firstOf(
      [providerPhoneNumberId, ...(alsoNamed?.phoneNumberIds ?? [])],
      (one) => one.providerPhoneNumberId,
    ) ?? firstOf([ourNumber, ...(alsoNamed?.ourNumbers ?? [])], (one) => one.phoneNumber);
  return byNumber === undefined ? null : { agentId: byNumber.id, evidence: "byNumber" };
}

/** Returns the state after all deliveries; `null` if none of them identifies the call's organization. */
export function expectedState(
  fixture: OrganizationFixture,
  deliveries: readonly GeneratedDelivery[],
  digest: Digest = sha256,
): CallState | null {
  // A route belongs to an account, so deliveries of one account do not decide for the other one.
  const booked = deliveries.filter((generated) => {
    const account = fixture.accounts[generated.account];
    return (
      account?.given ||
      deliveries.some((other) => other.account === generated.account && matchedAgent(fixture, other) !== null)
    );
  });
  const [first, ...rest] = booked.map((generated) =>
    stateOf(
      {
        accountId: fixture.accounts[generated.account]?.id ?? "",
        facts: generated.facts,
        agent: matchedAgent(fixture, generated),
        event: generated.event,
        source: sourceOf(generated),
      },
      digest,
    ),
  );
  return first === undefined ? null : rest.reduce(mergeStates, first);
}

function sourceOf({ source }: GeneratedDelivery): string {
  return source ?? SOURCE.provider;
}

/**
 * An event from another source than a provider has ids of its own form, because the source is part of its effect. A
 * caller's version is its clock.
 */
function keyedBySource(generated: GeneratedDelivery, origin: EventOrigin): KeyedEvent[] {
  const keyed = keyEvents(origin, generated.facts, [generated.event], sha256);
  const source = sourceOf(generated);
  if (source === SOURCE.provider) return keyed;
  return keyed.map((one) => ({
    ...one,
    eventId: `other:${sha256(one.eventId + source).slice(0, 22)}`,
    reportVersion:
      one.reportVersion !== null && source.startsWith(SOURCE.caller) ? source : one.reportVersion,
  }));
}

/** Returns a generated delivery in the form that the write path takes. */
export function deliveryToBook(
  fixture: OrganizationFixture,
  providerCallId: string,
  generated: GeneratedDelivery,
): DeliveryToBook {
  const accountId = fixture.accounts[generated.account]?.id ?? "";
  const { event, facts } = generated;
  return {
    provider: "vapi",
    accountId,
    receivedAt: RECEIVED_AT.getTime(),
    providerDeliveryId: null,
    type: event.type,
    payload: JSON.stringify({ kind: event.kind }),
    content: {
      providerCallId,
      facts,
      events: keyedBySource(generated, { provider: "vapi", accountId, providerCallId }),
      source: sourceOf(generated),
      wantsAgent: false,
    },
  };
}

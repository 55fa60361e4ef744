import type { ExpectedSetup } from "../../common/setup-api.ts";
import type { Fixes, Problem } from "./fixes.ts";
import type { Scope } from "./scope.ts";
import { targetOf } from "./scope.ts";
import type { Assistant, VapiSetup } from "./setup.documents.ts";
import { capital } from "./setup.words.ts";

/**
 * Returns why the settings may be those of another Vapi organization; `null`: nothing says so. `isWhole`: all
 * assistants and squads could be read.
 */
export function doubtOf(setup: VapiSetup, expected: ExpectedSetup, isWhole: boolean): string | null {
  const known = new Set([...setup.assistants, ...setup.squads, ...setup.numbers].map(({ id }) => id));
  const isThere = expected.agents.some(
    ({ providerAgentId, providerPhoneNumberId }) =>
      known.has(providerAgentId) || (providerPhoneNumberId !== null && known.has(providerPhoneNumberId)),
  );
  if (!isWhole || isThere || expected.agents.length === 0) return null;
  return `None of this account's agents (${expected.agents.length}) is at Vapi: the API key may be that of another Vapi organization.`;
}

/** Finds agents at Vapi that belong to no organization, and the reverse. */
export function agentProblems(setup: VapiSetup, expected: ExpectedSetup, isWhole: boolean): Problem[] {
  const known = new Set([...setup.assistants, ...setup.squads].map(({ id }) => id));
  const nobodys = nobodysAssistants(setup, expected).filter(({ reach }) => reach !== "elsewhere");
  return [
    ...nobodys.map(({ assistant: { id, label }, reach }) => ({
      check: "agents_registered",
      found:
        reach === "ours"
          ? `${capital(label)} is no organization's: what is sent of its calls waits in quarantine.`
          : `${capital(label)} is no organization's, and nothing of its calls is booked.`,
      next: `${expected.program} agent add --org ${expected.onlyOrganization?.id ?? "ORGANIZATION_ID"} --assistant ${id}`,
      fix: expected.onlyOrganization && {
        what: `a new agent for ${label}`,
        decision: "Say yes only if its calls are those of the organization.",
        difference: [{ field: "organization", before: "none", after: expected.onlyOrganization.name }],
        action: { addAgent: id, orgId: expected.onlyOrganization.id },
      },
    })),
    ...expected.agents
      .filter(({ providerAgentId }) => isWhole && !known.has(providerAgentId))
      .map(({ id, providerAgentId }) => ({
        check: "agents_at_provider",
        found: `Agent ${id} is registered for ${providerAgentId}, which is no assistant and no squad at Vapi.`,
        next: `${expected.program} agent remove ${id}, or register the right assistant; another Vapi account needs an account of its own here`,
        fix: {
          what: `agent ${id}`,
          decision: "Say yes only if the assistant is deleted. Booked calls stay.",
          difference: [{ field: "assistant", before: providerAgentId, after: "none: the agent is removed" }],
          action: { removeAgent: id },
        },
      })),
  ];
}

/**
 * Returns the number of assistants that belong to no organization and send their calls to another system or account.
 */
export function countElsewhere(setup: VapiSetup, expected: ExpectedSetup): number {
  return nobodysAssistants(setup, expected).filter(({ reach }) => reach === "elsewhere").length;
}

/** Where messages of an assistant's calls go. `nowhere`: no URL, or none at which a delivery is booked. */
type Reach = "ours" | "elsewhere" | "nowhere";

/** Returns the assistants at Vapi that belong to no organization. */
function nobodysAssistants(
  setup: VapiSetup,
  expected: ExpectedSetup,
): { readonly assistant: Assistant; readonly reach: Reach }[] {
  if (expected.ownsAllCalls) return [];
  const registered = new Set(expected.agents.map(({ providerAgentId }) => providerAgentId));
  // A member's calls may be booked by its squad, by which an agent may be registered.
  const led = new Set(
    setup.squads
      .filter(({ id }) => registered.has(id))
      .flatMap(({ members }) => members.map(({ assistantId }) => assistantId)),
  );
  return setup.assistants
    .filter(({ id }) => !registered.has(id) && !led.has(id))
    .map((assistant) => ({ assistant, reach: reachOf(assistant, setup, expected) }));
}

function reachOf(
  { id, url }: Assistant,
  { numbers, organization }: VapiSetup,
  expected: ExpectedSetup,
): Reach {
  const ofNumbers = numbers.filter(({ assistantId }) => assistantId === id).map((number) => number.url);
  // An organization's URL that cannot be read may be ours.
  const inherited = [...ofNumbers, organization === null ? expected.webhookUrl : organization.url];
  const targets = (url === null ? inherited : [url]).map((one) => targetOf(one, expected));
  if (targets.includes("ours")) return "ours";
  return targets.some((target) => ["host", "another account"].includes(target)) ? "elsewhere" : "nowhere";
}

/** Finds numbers that two assistants could answer. */
export function phoneNumberProblems(
  { numbers, squads }: Scope,
  { agents, program }: ExpectedSetup,
  { fix, pasted }: Pick<Fixes, "fix" | "pasted">,
): Problem[] {
  const check = "phone_numbers";
  return numbers.flatMap((number): Problem[] => {
    const { label, assistantId, squadId, workflowId, id } = number;
    const answering = Object.entries({ assistantId, squadId, workflowId }).filter(
      ([, value]) => value !== null,
    );
    const ours = agents.find(({ providerPhoneNumberId }) => providerPhoneNumberId === id);
    if (answering.length > 1) {
      const names = answering.map(([name]) => name);
      const found = `${capital(label)} has ${names.join(" and ")}, and only one of them answers.`;
      const [kept] = answering.find(([, value]) => value === ours?.providerAgentId) ?? answering[0] ?? [];
      const others = names.filter((name) => name !== kept);
      const fields = Object.fromEntries(others.map((name) => [name, null]));
      const next = `Keep ${kept}: ${pasted(number, fields)}`;
      return [{ check, found, next, fix: fix(number, fields, `Say yes only if ${kept} is the right one.`) }];
    }
    const rings = assistantId ?? squadId;
    if (ours === undefined || rings === null || rings === ours.providerAgentId) return [];
    const found = `${capital(label)} is answered by ${rings} at Vapi, and is registered here for ${ours.providerAgentId}.`;
    const isSquad = squads.some((squad) => squad.id === ours.providerAgentId);
    const right = isSquad
      ? { assistantId: null, squadId: ours.providerAgentId }
      : { assistantId: ours.providerAgentId, squadId: null };
    const next = `If the registration is right: ${pasted(number, right)} If not: ${program} agent remove ${ours.id}, then agent add with --assistant ${rings} --phone-number-id ${id}`;
    const decision = "Say yes only if the registration here is right.";
    return [{ check, found, next, fix: fix(number, right, decision) }];
  });
}

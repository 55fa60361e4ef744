import type { ExpectedSetup } from "../../common/setup-api.ts";
import type { Problem } from "./fixes.ts";
import type { Scope } from "./scope.ts";
import type { VapiSetup } from "./setup.documents.ts";
import { capital } from "./setup.words.ts";

/** Finds agents at Vapi that belong to no organization, and the reverse. */
export function agentProblems(
  { assistants, squads }: VapiSetup,
  expected: ExpectedSetup,
  { isWhole }: { readonly isWhole: boolean },
): Problem[] {
  const known = new Set([...assistants, ...squads].map(({ id }) => id));
  const registered = new Set(expected.agents.map(({ providerAgentId }) => providerAgentId));
  // A member's calls may be booked by its squad, by which an agent may be registered.
  const led = new Set(
    squads
      .filter(({ id }) => registered.has(id))
      .flatMap(({ members }) => members.map(({ assistantId }) => assistantId)),
  );
  const nobodys = expected.ownsAllCalls
    ? []
    : assistants.filter(({ id }) => !registered.has(id) && !led.has(id));
  return [
    ...nobodys.map(({ id, label }) => ({
      check: "agents_registered",
      found: `${capital(label)} is no organization's: what is sent of its calls waits in quarantine.`,
      next: `${expected.program} agent add --org ORGANIZATION_ID --assistant ${id}`,
      fix: null,
    })),
    ...expected.agents
      .filter(({ providerAgentId }) => isWhole && !known.has(providerAgentId))
      .map(({ id, providerAgentId }) => ({
        check: "agents_at_provider",
        found: `Agent ${id} is registered for ${providerAgentId}, which is no assistant and no squad at Vapi.`,
        next: `${expected.program} agent remove ${id}, or register the right assistant; another Vapi account needs an account of its own here`,
        fix: null,
      })),
  ];
}

/** Finds numbers that two assistants could answer. */
export function phoneNumberProblems({ numbers }: Scope, { agents, program }: ExpectedSetup): Problem[] {
  const check = "phone_numbers";
  return numbers.flatMap((number): Problem[] => {
    const { label, assistantId, squadId, workflowId, path, id } = number;
    const answering = Object.entries({ assistantId, squadId, workflowId }).filter(
      ([, value]) => value !== null,
    );
    if (answering.length > 1) {
      const names = answering.map(([name]) => name);
      const found = `${capital(label)} has ${names.join(" and ")}, and only one of them answers.`;
      const next = `Set the other one to null: PATCH ${path} ${JSON.stringify({ ...number.needed, [names.at(-1) ?? ""]: null })}`;
      return [{ check, found, next, fix: null }];
    }
    const ours = agents.find(({ providerPhoneNumberId }) => providerPhoneNumberId === id);
    const rings = assistantId ?? squadId;
    if (ours === undefined || rings === null || rings === ours.providerAgentId) return [];
    const found = `${capital(label)} is answered by ${rings} at Vapi, and is registered here for ${ours.providerAgentId}.`;
    const next = `${program} agent remove ${ours.id}, then agent add with --assistant ${rings} --phone-number-id ${id}; or change the number at Vapi`;
    return [{ check, found, next, fix: null }];
  });
}

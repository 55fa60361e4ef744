import type { ExpectedSetup } from "../../common/setup-api.ts";
import type { Fixes, Problem } from "./fixes.ts";
import type { Scope } from "./scope.ts";
import { targetOf } from "./scope.ts";
import type { Assistant, PhoneNumber, Place, Squad, VapiSetup } from "./setup.documents.ts";
import { partsOf } from "./setup.documents.ts";
import { capital, counted, shownUrl } from "./setup.words.ts";

type Ports = { readonly setup: VapiSetup; readonly scope: Scope; readonly expected: ExpectedSetup };

/**
 * Finds messages of the account's calls that do not reach its URL. Vapi sends a message to one URL: the assistant's,
 * else the number's, else the organization's. A squad may override it for its members.
 */
export function serverUrlProblems(ports: Ports, { rightServer, fix, pasted }: Fixes): Problem[] {
  const { scope, setup, expected } = ports;
  const problem = (place: Place, check: string, found: string): Problem => {
    const fields = { server: rightServer(place) };
    const isSafe = ["path", "nowhere"].includes(targetOf(place.url, expected));
    const decision = isSafe ? null : "Say yes only if no other system needs the deliveries at the old URL.";
    return { check, found, next: pasted(place, fields), fix: fix(place, fields, decision) };
  };
  return [
    ...scope.assistants.flatMap((assistant) => assistantProblem(assistant, ports, problem)),
    ...scope.numbers.flatMap((number) => numberProblem(number, ports, problem)),
    ...scope.squads.flatMap((squad) => squadProblems(squad, ports)),
    ...organizationProblem(ports, setup.organization, problem),
    ...unknownOrganization(ports),
  ];
}

type ProblemMaker = (place: Place, check: string, found: string) => Problem;

const WRONG = ["path", "host", "another account"];
const SHADOWED = "server_url_shadowed";
const MISSING = "server_url";

function assistantProblem(assistant: Assistant, ports: Ports, problem: ProblemMaker): Problem[] {
  const { setup, expected } = ports;
  const target = targetOf(assistant.url, expected);
  if (WRONG.includes(target)) {
    const hidden = [setup.organization, ...numbersOf(assistant, ports)].find(
      (place) => targetOf(place?.url ?? null, expected) === "ours",
    );
    return [problem(assistant, hidden ? SHADOWED : MISSING, wrongUrl(assistant, expected, hidden ?? null))];
  }
  if (target === "ours" || isCovered(assistant, ports)) return [];
  if (setup.organization === null || setup.organization.url !== null) return [];
  return [
    problem(
      assistant,
      MISSING,
      `${capital(assistant.label)} has no server URL, and neither has the organization: nothing is sent of its calls.`,
    ),
  ];
}

function numberProblem(number: PhoneNumber, ports: Ports, problem: ProblemMaker): Problem[] {
  const { setup, expected } = ports;
  const assistant = setup.assistants.find(({ id }) => id === number.assistantId);
  const isHidden = assistant !== undefined && assistant.url !== null;
  const target = targetOf(number.url, expected);
  if (WRONG.includes(target) && !isHidden) {
    const hidden = targetOf(setup.organization?.url ?? null, expected) === "ours" ? setup.organization : null;
    return [problem(number, hidden ? SHADOWED : MISSING, wrongUrl(number, expected, hidden))];
  }
  const asksUs = number.assistantId === null && number.squadId === null && number.workflowId === null;
  if (target !== "nowhere" || !asksUs || setup.organization === null || setup.organization.url !== null)
    return [];
  return [
    problem(
      number,
      MISSING,
      `${capital(number.label)} has no assistant and no server URL, and neither has the organization: calls to it fail.`,
    ),
  ];
}

function squadProblems(squad: Squad, { expected }: Ports): Problem[] {
  return [...new Set(partsOf(squad).flatMap(({ url }) => url ?? []))]
    .filter((url) => WRONG.includes(targetOf(url, expected)))
    .map((url) => ({
      check: SHADOWED,
      found: `${capital(squad.label)} gives members a server URL of their own, ${shownUrl(url, expected)}, which hides every other.`,
      next: `Remove server from the members and overrides of the squad, or set its url to ${expected.webhookUrl}`,
      fix: null,
    }));
}

function organizationProblem(ports: Ports, organization: Place | null, problem: ProblemMaker): Problem[] {
  const { expected } = ports;
  if (organization === null || !WRONG.includes(targetOf(organization.url, expected))) return [];
  const relying = relyingOn(ports);
  if (relying === 0) return [];
  const found = `${wrongUrl(organization, expected, null)} ${counted(relying, "assistant or number", "assistants and numbers")} without a URL of their own rely on it.`;
  return [problem(organization, MISSING, found)];
}

/** Deliveries that verify prove that the URL which cannot be read is correct. */
function unknownOrganization(ports: Ports): Problem[] {
  const { setup, expected } = ports;
  const relying = relyingOn(ports);
  if (setup.organization !== null || expected.hasVerifiedLately || relying === 0) return [];
  return [
    {
      check: MISSING,
      found: `${counted(relying, "assistant or number relies", "assistants and numbers rely")} on the organization's server URL, which this key may not read, and no delivery has verified for a week.`,
      next: `In Vapi's dashboard, in the settings of the organization, set the server URL to ${expected.webhookUrl}`,
      fix: null,
    },
  ];
}

/** Returns the number of assistants and numbers that have only the organization's URL. */
function relyingOn(ports: Ports): number {
  const { scope } = ports;
  const assistants = scope.assistants.filter((one) => one.url === null && !isCovered(one, ports));
  const numbers = scope.numbers.filter(
    ({ url, assistantId, squadId, workflowId }) =>
      url === null && assistantId === null && squadId === null && workflowId === null,
  );
  return assistants.length + numbers.length;
}

/** Returns whether every number of an assistant has a URL, so that the organization's is used only for other calls. */
function isCovered(assistant: Assistant, ports: Ports): boolean {
  const numbers = numbersOf(assistant, ports);
  return numbers.length > 0 && numbers.every(({ url }) => url !== null);
}

function numbersOf({ id }: Assistant, { scope }: Ports): PhoneNumber[] {
  return scope.numbers.filter(({ assistantId }) => assistantId === id);
}

function wrongUrl(place: Place, expected: ExpectedSetup, hidden: Place | null): string {
  const sends = `${capital(place.label)} sends to ${shownUrl(place.url, expected)}`;
  return hidden === null
    ? `${sends}, and this account's deliveries belong to ${expected.webhookUrl}.`
    : `${sends}, which takes precedence over the right URL of the ${hidden.kind}.`;
}

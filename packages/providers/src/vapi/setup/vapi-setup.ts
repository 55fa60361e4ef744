import type { SetupApi } from "../../common/setup-api.ts";
import { authorization, withoutSlash } from "../api.request.ts";
import { vapiRecordings } from "../recording.request.ts";
import { agentProblems, countElsewhere, doubtOf, phoneNumberProblems } from "./agents.ts";
import { messageProblems, recordingProblems, retentionProblems, retryProblems } from "./call-settings.ts";
import { credentialProblems } from "./credential-problems.ts";
import { changesOf, fixesFor } from "./fixes.ts";
import { callsIn, scopeOf } from "./scope.ts";
import { serverUrlProblems } from "./server-urls.ts";
import { readSetup } from "./setup.documents.ts";
import { counted } from "./setup.words.ts";

/** The max number of objects that Vapi returns at once. */
const MAX_OBJECTS = 1_000;

/** The organization and the credentials are not in Vapi's published API, and some private keys may not read them. */
const DOCUMENTS = [
  { name: "assistants", path: `/assistant?limit=${MAX_OBJECTS}`, isOptional: false },
  { name: "numbers", path: `/phone-number?limit=${MAX_OBJECTS}`, isOptional: false },
  { name: "squads", path: `/squad?limit=${MAX_OBJECTS}`, isOptional: true },
  { name: "organization", path: "/org", isOptional: true },
  { name: "credentials", path: "/credential", isOptional: true },
] as const;

/**
 * The checks of an account's assistants, phone numbers, squads and organization at Vapi, which find settings that lose
 * calls.
 */
export const vapiSetup: SetupApi = {
  checks: [
    { id: "server_url", expected: "every message of the account's calls goes to its URL" },
    { id: "server_url_shadowed", expected: "no URL takes precedence over the right one" },
    { id: "credential", expected: "one credential, in the form that the account accepts" },
    { id: "retries", expected: "what is not accepted is sent again" },
    { id: "server_messages", expected: "status-update and end-of-call-report are sent" },
    { id: "recording", expected: "calls are recorded" },
    {
      id: "retention",
      expected: "the oldest work waits for a shorter time than Vapi keeps calls and the worker asks for them",
    },
    { id: "agents_registered", expected: "each assistant at Vapi is an organization's, or sends elsewhere" },
    { id: "agents_at_provider", expected: "each agent is an assistant or a squad at Vapi" },
    { id: "phone_numbers", expected: "one assistant answers each number, the one that is registered" },
  ],
  requests: ({ baseUrl, apiKey }) =>
    DOCUMENTS.map(({ name, path, isOptional }) => ({
      name,
      isOptional,
      request: { url: withoutSlash(baseUrl) + path, headers: authorization(apiKey) },
    })),
  examine(answers, expected, credential) {
    const setup = readSetup(answers);
    if (setup === null) return null;
    const scope = scopeOf(setup, expected);
    const cut = [setup.assistants, setup.numbers, setup.squads].some(({ length }) => length >= MAX_OBJECTS);
    const isWhole = setup.mayReadSquads && !cut;
    const doubt = doubtOf(setup, expected, isWhole);
    const fixes = fixesFor(setup, scope, expected, credential);
    const problems =
      doubt !== null
        ? []
        : [
            ...serverUrlProblems({ setup, scope, expected }, fixes),
            ...credentialProblems(setup, scope, expected, fixes),
            ...retryProblems(setup, scope, expected, fixes),
            ...messageProblems(scope, fixes),
            ...recordingProblems(scope, fixes),
            ...retentionProblems(setup, expected, vapiRecordings.retentionMs),
            ...agentProblems(setup, expected, isWhole),
            ...phoneNumberProblems(scope, expected, fixes),
          ];
    const { assistants, numbers, squads } = scope;
    const unread = [
      ...(setup.organization === null ? ["the organization"] : []),
      ...(setup.plans === null ? ["the credentials"] : []),
      ...(setup.mayReadSquads ? [] : ["the squads"]),
    ];
    const elsewhere = countElsewhere(setup, expected);
    return {
      customer: setup.customer,
      found: [
        [
          counted(assistants.length, "assistant"),
          counted(numbers.length, "phone number"),
          counted(squads.length, "squad"),
        ].join(", "),
        ...(elsewhere > 0
          ? [
              `${counted(elsewhere, "assistant")} of no organization ${elsewhere === 1 ? "sends" : "send"} elsewhere`,
            ]
          : []),
        ...(unread.length > 0 ? [`this key may not read ${unread.join(" and ")}`] : []),
        ...(cut ? [`only the newest ${MAX_OBJECTS} of a kind were read`] : []),
      ].join("; "),
      doubt,
      problems: problems.map(({ fix, ...problem }) => problem),
      changes: changesOf(problems, expected, credential),
      covers: callsIn(scope, setup, expected),
    };
  },
};

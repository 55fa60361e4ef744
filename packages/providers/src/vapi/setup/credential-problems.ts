import type { ExpectedSetup } from "../../common/setup-api.ts";
import {
  acceptsPlan,
  commonCredential,
  onlyCredential,
  planWords,
  sendersOf,
  sendingPartsOf,
  showsProof,
  usedCredentials,
} from "./credentials.ts";
import type { Fixes, Problem } from "./fixes.ts";
import type { Scope } from "./scope.ts";
import type { VapiSetup } from "./setup.documents.ts";
import { capital, IN_SENDING_PARTS } from "./setup.words.ts";

const MAKE =
  "Create an HMAC credential with the account's secret, as docs/connect-vapi.md says in step 2. Use its id as CREDENTIAL_ID: ";

const WITHOUT = "sends no credential, so its deliveries get 401.";

const RIGHT_PLAN =
  '{"type":"hmac","algorithm":"sha256","signatureHeader":"x-vapi-signature","timestampHeader":"x-vapi-timestamp","payloadFormat":"{timestamp}.{body}","includeTimestamp":true,"signatureEncoding":"hex"}';

const ONE =
  "Use one credential everywhere, the one whose deliveries verify. Until then each secret has to hold here: account rotate adds a second one, and VAPI_WEBHOOK_SECRET takes two.";

/**
 * Finds deliveries without the account's proof, which get 401 and are lost. No secret is read: only ids, types and
 * headers are compared.
 */
export function credentialProblems(
  setup: VapiSetup,
  scope: Scope,
  expected: ExpectedSetup,
  { rightServer, fix, pasted }: Fixes,
): Problem[] {
  const check = "credential";
  const common = commonCredential(setup, scope, expected);
  const only = common ?? onlyCredential(setup, expected);
  const credentialId = only ?? "CREDENTIAL_ID";
  const proviso =
    common !== null ? "" : only === null ? MAKE : `If credential ${only} has this account's secret: `;
  const ofPlaces = sendersOf(setup, scope, expected)
    .filter((place) => !showsProof(place, expected))
    .map((place): Problem => {
      const fields = { server: { ...rightServer(place), credentialId } };
      const found = `${capital(place.label)} ${WITHOUT}`;
      const next = proviso + pasted(place, fields);
      const decision =
        common === null ? `Say yes only if credential ${only} has this account's secret.` : null;
      return { check, found, next, fix: only === null ? null : fix(place, fields, decision) };
    });
  const ofSquads = scope.squads
    .filter((squad) => sendingPartsOf(squad, expected).some((part) => !showsProof(part, expected)))
    .map((squad): Problem => {
      const found = `${capital(squad.label)} has a member or an override that ${WITHOUT}`;
      const next = `${proviso}Set server.credentialId to "${credentialId}" ${IN_SENDING_PARTS}`;
      return { check, found, next, fix: null };
    });
  const without = [...ofPlaces, ...ofSquads];
  const ids = usedCredentials(setup, scope, expected);
  const unfit = ids.flatMap((id): Problem[] => {
    const plan = setup.plans?.get(id);
    if (setup.plans === null || (plan !== undefined && acceptsPlan(plan, expected))) return [];
    if (plan === undefined) {
      const found = `Credential ${id} is used, and there is none of this id.`;
      return [
        { check, found, next: "Name a credential that there is, with the account's secret.", fix: null },
      ];
    }
    const found = `Credential ${id} proves itself in a way that this account refuses (${planWords(plan)}).`;
    return [{ check, found, next: `In Vapi's dashboard, set credential ${id} to ${RIGHT_PLAN}`, fix: null }];
  });
  if (ids.length < 2) return [...without, ...unfit];
  const found = `Different credentials are used (${ids.join(", ")}): the secret of each has to be this account's.`;
  return [...without, ...unfit, { check, found, next: ONE, fix: null }];
}

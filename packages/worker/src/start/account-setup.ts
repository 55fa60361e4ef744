import type {
  ExaminedSetup,
  ExpectedSetup,
  SetupAnswers,
  SetupChange,
  SetupRequest,
} from "@call-ledger/providers";
import { providerFor } from "@call-ledger/providers";
import { RecordingFault } from "@call-ledger/storage";
import type { ProviderApi, ProviderApiDeps } from "./provider-api.ts";
import { providerApis } from "./provider-api.ts";

/** The settings of one account at its provider. Every method throws RecordingFault, or the signal's reason. */
export type AccountSetup = {
  /**
   * Reads the account's settings and returns those that lose calls; `null` if the provider's API does not show them.
   */
  examine(expected: ExpectedSetup, signal: AbortSignal): Promise<ExaminedSetup | null>;
  change(change: SetupChange, signal: AbortSignal): Promise<void>;
  /**
   * Returns the number of calls that were created at the provider since a time, up to one page. Only calls that are old
   * enough to have a delivery count. Milliseconds since 1970. `null` if the API has no list of calls.
   */
  callsSince(since: number, now: number, signal: AbortSignal): Promise<number | null>;
};

/** The account whose settings are read. `orgId` is `null` for the platform's own account. */
export type SetupAccount = { readonly id: string; readonly provider: string; readonly orgId: string | null };

/**
 * Returns a function that opens the settings of an account with its API key. The function throws DbError, and
 * RecordingFault for a key that is not set or cannot be read.
 */
export function accountSetups(
  deps: ProviderApiDeps,
): (account: SetupAccount) => Promise<AccountSetup | null> {
  const apiOf = providerApis(deps);
  return async ({ id, provider, orgId }) => {
    const manifest = providerFor(provider);
    const api = await apiOf({ provider, providerAccountId: id, orgId });
    if (manifest === null || api === null) return null;
    const { setup, calls } = manifest;
    return {
      async examine(expected, signal) {
        if (setup === null) return null;
        const answers = await readAnswers(setup.requests(api.credential), api, signal);
        const examined = setup.examine(answers, expected, api.credential);
        if (examined !== null) return examined;
        throw new RecordingFault("passing", "the API's answer does not have the expected form");
      },
      change: ({ request, body }, signal) => api.change(request, body, signal),
      async callsSince(since, now, signal) {
        if (calls === null) return null;
        const window = { by: "created", from: since, to: now - calls.settledMs } as const;
        if (window.from >= window.to) return 0;
        const page = calls.readList(await api.ask(calls.listRequest(api.credential, window), signal));
        return page === null ? 0 : page.calls.length + page.unreadable;
      },
    };
  };
}

/** The statuses for objects that the key may not read or that do not exist: 400, 401, 403, 404, 410. */
const NOT_READABLE: readonly (number | null)[] = [400, 401, 403, 404, 410];

async function readAnswers(
  requests: readonly SetupRequest[],
  api: ProviderApi,
  signal: AbortSignal,
): Promise<SetupAnswers> {
  const answers = await Promise.all(
    requests.map(async ({ name, isOptional, request }) => {
      const answer = await api.ask(request, signal).catch((error: unknown) => {
        const isUnreadable = error instanceof RecordingFault && NOT_READABLE.includes(error.status);
        if (isOptional && isUnreadable) return null;
        throw error;
      });
      return [name, answer] as const;
    }),
  );
  return Object.fromEntries(answers);
}

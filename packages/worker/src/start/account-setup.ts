import { NO_FACTS } from "@call-ledger/domain";
import type {
  ApiRequest,
  CallWindow,
  ExaminedSetup,
  ExpectedSetup,
  SetupAnswers,
  SetupChange,
  SetupRequest,
} from "@call-ledger/providers";
import { providerFor } from "@call-ledger/providers";
import { EgressFault } from "../egress/egress-fault.ts";
import { callPages } from "../reconcile/call-pages.ts";
import { callLister } from "../reconcile/list-calls.ts";
import type { ProviderApi, ProviderApiDeps } from "./provider-api.ts";
import { providerApis } from "./provider-api.ts";

/** The settings of one account at its provider. Every method throws EgressFault, or the signal's reason. */
export type AccountSetup = {
  /**
   * Reads the account's settings and returns those that lose calls; `null` if the provider's API does not show them.
   */
  examine(expected: ExpectedSetup, signal: AbortSignal): Promise<ExaminedSetup | null>;
  /** Makes a change at the provider. */
  change(action: ChangeAtProvider, signal: AbortSignal): Promise<void>;
  /**
   * Looks for calls that were created at the provider since a time, in milliseconds since 1970, and that `covers`
   * accepts. Only calls that are old enough to have a delivery count. `null` if the API has no list of calls.
   */
  callsSince(
    since: number,
    ports: { readonly covers: ExaminedSetup["covers"]; now(): number },
    signal: AbortSignal,
  ): Promise<CallsSince | null>;
};

type ChangeAtProvider = Extract<SetupChange["action"], { readonly body: string }>;

/** The calls that were found at a provider. The first that are found end the search. */
type CallsSince = {
  readonly calls: number;
  /** The time from which calls were read. The provider has none that are older than its retention. */
  readonly from: number;
  /** The time up to which calls were read; `null`: all were. */
  readonly until: number | null;
};

/** Somebody waits for the answer, and a call comes with its whole conversation. */
const MAX_READ_CALLS = 500;

/** The account whose settings are read. `orgId` is `null` for the platform's own account. */
export type SetupAccount = { readonly id: string; readonly provider: string; readonly orgId: string | null };

/**
 * Returns a function that opens the settings of an account with its API key. The function throws DbError, and
 * EgressFault for a key that is not set or cannot be read.
 */
export function accountSetups(
  deps: ProviderApiDeps,
): (account: SetupAccount) => Promise<AccountSetup | null> {
  const apiOf = providerApis(deps);
  return async ({ id, provider, orgId }) => {
    const manifest = providerFor(provider);
    const api = await apiOf({ provider, providerAccountId: id, orgId });
    if (manifest === null || api === null) return null;
    const { setup, calls, recordings } = manifest;
    return {
      async examine(expected, signal) {
        if (setup === null) return null;
        const answers = await readAnswers(setup.requests(api.credential), api, signal);
        const examined = setup.examine(answers, expected, api.credential);
        if (examined !== null) return examined;
        throw new EgressFault("passing", "the API's answer does not have the expected form");
      },
      change: ({ request, body }, signal) => api.change(request, body, signal),
      async callsSince(since, { covers, now }, signal) {
        if (calls === null) return null;
        const from = Math.max(since, now() - recordings.retentionMs);
        const window = { by: "created", from, to: now() - calls.settledMs } as const;
        const ask = (request: ApiRequest) => api.ask(request, signal);
        const listPart = callLister({ api: calls, credential: api.credential, ask });
        let read = 0;
        let found = 0;
        const list = async (part: CallWindow) => {
          const page = await listPart(part);
          if (page === null) return null;
          read += page.calls.length + page.unreadable;
          const covered = page.calls.filter((call) => covers(call.read.facts)).length;
          found = Math.max(found, covered + (covers(NO_FACTS) ? page.unreadable : 0));
          return page;
        };
        for await (const page of callPages(window, calls.pageSize, list)) {
          const until = page.until < window.to ? page.until : null;
          if (found > 0 || read >= MAX_READ_CALLS) return { calls: found, from, until };
        }
        return { calls: 0, from, until: null };
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
        const isUnreadable = error instanceof EgressFault && NOT_READABLE.includes(error.status);
        if (isOptional && isUnreadable) return null;
        throw error;
      });
      return [name, answer] as const;
    }),
  );
  return Object.fromEntries(answers);
}

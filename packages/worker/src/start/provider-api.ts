import { setTimeout as sleep } from "node:timers/promises";
import type { WorkerSession } from "@call-ledger/db/jobs";
import type { ApiCredential, ApiRequest } from "@call-ledger/providers";
import { EgressFault } from "../egress/egress-fault.ts";
import { guardedFetch } from "../egress/guarded-fetch.ts";
import { guardedSend } from "../egress/guarded-send.ts";
import type { Network } from "../egress/network.ts";
import { systemNetwork } from "../egress/network.ts";
import type { AskPorts } from "../reconcile/ask-api.ts";
import { AnswerTooLarge, askAgain, askApi } from "../reconcile/ask-api.ts";
import { accountAccess } from "./account-access.ts";
import type { WorkerConfig } from "./worker-config.ts";
import { recordingHostRules } from "./worker-config.ts";

export type ProviderApiDeps = {
  readonly config: WorkerConfig;
  readonly session: WorkerSession;
  /** The network to use instead of the system's. Only for tests. */
  readonly network?: Network | undefined;
  /** Certificate authorities instead of the system's, PEM. Only for tests. */
  readonly ca?: string | undefined;
};

/** A provider's API with the access of one account. */
export type ProviderApi = {
  readonly credential: ApiCredential;
  /**
   * Returns the API's answer to a GET. Throws EgressFault, `forbidden` if the API refuses the key, or the signal's
   * reason.
   */
  ask(request: ApiRequest, signal: AbortSignal): Promise<Uint8Array>;
  /** Sends JSON with PATCH. Throws like `ask`. */
  change(request: ApiRequest, body: string, signal: AbortSignal): Promise<void>;
};

/**
 * Returns a function that opens the API of an account's provider with the account's own key. `onRequest` is called for
 * each request. The function returns `null` for an unknown provider. It throws DbError, and EgressFault for a key
 * that is not set or cannot be read.
 */
export function providerApis(deps: ProviderApiDeps) {
  const { config, session, network = systemNetwork, ca } = deps;
  const accessOf = accountAccess(config, session);
  const connection = { network, rules: recordingHostRules(config), ca };
  return async (
    account: Parameters<typeof accessOf>[0],
    onRequest: () => void = () => undefined,
  ): Promise<ProviderApi | null> => {
    const access = await accessOf(account);
    if (access === null) return null;
    const { credential, hosts, remedy } = access;
    if (credential instanceof EgressFault) throw credential;
    if (credential === null) throw new EgressFault("forbidden", `no API key is set: ${remedy}`);
    const ports: AskPorts = {
      fetch: (request, signal) => guardedFetch(request, connection, signal),
      pause: async (ms, signal) => {
        await sleep(ms, undefined, { signal }).catch(() => signal.throwIfAborted());
      },
      onRequest,
    };
    const explained = (error: unknown): never => {
      if (!(error instanceof EgressFault) || error instanceof AnswerTooLarge) throw error;
      const { kind, status, retryAfterMs } = error;
      if (status === 401 || status === 403) {
        const reason = `the provider refuses the API key (HTTP ${status}): ${remedy}`;
        throw new EgressFault("forbidden", reason, { status });
      }
      const reason = error.reason.replace(/^the server\b/, "the API");
      throw new EgressFault(kind, reason, { status, retryAfterMs });
    };
    return {
      credential,
      ask: (request, signal) => askApi(request, hosts, ports, signal).catch(explained),
      change(request, body, signal) {
        const send = () =>
          guardedSend({ ...request, method: "PATCH", body }, connection, signal).catch(final);
        return askAgain(send, ports, signal).catch(explained);
      },
    };
  };
}

/** Throws the error of a change that the provider refuses as one that sending it again does not help. */
function final(error: unknown): never {
  const status = error instanceof EgressFault ? (error.status ?? 0) : 0;
  if (!(error instanceof EgressFault) || status < 400 || status === 429 || status >= 500) throw error;
  throw new EgressFault("unsuitable", error.reason, { status });
}

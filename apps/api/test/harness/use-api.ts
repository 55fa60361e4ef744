import { afterAll, beforeAll } from "vitest";
import type { TestLedger } from "./ledger.ts";
import { testLedger } from "./ledger.ts";
import type { RunningApi } from "./running-api.ts";
import { NO_DATABASE, startApi, untilReady } from "./running-api.ts";

/** Gives the tests of a file a ledger and an api that is ready. Both are there once a test or a later hook runs. */
export function useApi(env: Readonly<Record<string, string>> = {}) {
  const ledger = {} as TestLedger;
  const api = {} as RunningApi;

  beforeAll(async () => {
    Object.assign(ledger, await testLedger());
    Object.assign(api, await startApi(ledger.database.appUrl, env));
    await untilReady(api);
  });

  afterAll(async () => {
    await api.stop();
    await ledger.drop();
  });

  return { ledger, api };
}

/** Gives the tests of a file an api whose database does not exist. It is there once a test or a later hook runs. */
export function useApiWithoutDatabase(env: Readonly<Record<string, string>> = {}): RunningApi {
  const api = {} as RunningApi;

  beforeAll(async () => {
    Object.assign(api, await startApi(NO_DATABASE, env));
  });

  afterAll(() => api.stop());

  return api;
}

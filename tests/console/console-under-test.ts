import { ENCRYPTION_KEY } from "@call-ledger/api/testing/access";
import { spawnApi } from "@call-ledger/api/testing/api-process";
import { ASSISTANT } from "@call-ledger/api/testing/deliveries";
import type { TestLedger } from "@call-ledger/api/testing/ledger";
import { testLedger } from "@call-ledger/api/testing/ledger";
import { makeLink } from "@call-ledger/api/testing/people";
import type { RecordedCall, RecordedCallOptions } from "@call-ledger/api/testing/recorded-call";
import { recordCall, storageEnv } from "@call-ledger/api/testing/recorded-call";
import { ALONE, SECRET, untilReady } from "@call-ledger/api/testing/running-api";
import type { SimulatedCall, SimulationOptions } from "@call-ledger/simulator";
import { signDelivery, simulateCall } from "@call-ledger/simulator";
import { localTestStorage } from "@call-ledger/storage/testing";
import type { Program } from "@call-ledger/testkit/process";
import { until } from "@call-ledger/testkit/process";
import type { Page } from "playwright-core";
import { inject } from "vitest";

export type Role = Parameters<typeof makeLink>[1];

/** The real api with the built console and a database of its own. */
export type ConsoleUnderTest = {
  readonly ledger: TestLedger;
  readonly url: string;
  /** Returns the address of a link that signs in. */
  link(role: Role, orgId?: string): Promise<string>;
  signIn(page: Page, role: Role, orgId?: string): Promise<void>;
  /** Returns a simulated call of the organization's agent. It has not been sent yet. */
  call(options?: Partial<SimulationOptions>): SimulatedCall;
  /** Sends the signed deliveries of a call, one after another. */
  send(deliveries: SimulatedCall["deliveries"]): Promise<void>;
  /** Books a finished call whose recordings are stored in mono and in stereo. */
  recordedCall(options: RecordedCallOptions): Promise<RecordedCall>;
  /** Stops the api and starts it again on its port. `meanwhile` runs while the api is away. */
  restart(meanwhile: () => Promise<void>): Promise<void>;
  stop(): Promise<void>;
};

const START_SECONDS = 60;
const LISTENING = /Server listening on port (\d+)/;

/** `mode`: `development`: the console offers test calls; `test`: answers are checked against the contract. */
export async function startConsole(mode: "development" | "test" = "test"): Promise<ConsoleUnderTest> {
  const [ledger, storage] = await Promise.all([testLedger(), localTestStorage()]);
  await ledger.addAgent();
  const env = {
    ...ALONE,
    ...storageEnv(storage),
    NODE_ENV: mode,
    DATABASE_URL: ledger.database.appUrl,
    VAPI_WEBHOOK_SECRET: SECRET,
    ENCRYPTION_KEY,
    CONSOLE_PATH: inject("programs").console,
  };
  const start = async (port: number): Promise<{ api: Program; port: number }> => {
    const api = spawnApi({ ...env, PORT: String(port) });
    const found = await until(
      () => LISTENING.exec(api.output())?.[1] ?? false,
      "the api listens",
      START_SECONDS,
    );
    await untilReady({ url: `http://127.0.0.1:${found}` });
    return { api, port: Number(found) };
  };
  let running = await start(0);
  const url = `http://localhost:${running.port}`;
  const link = async (role: Role, orgId?: string): Promise<string> =>
    `${url}/sign-in#${await makeLink(ledger, role, orgId === undefined ? {} : { orgId })}`;
  return {
    ledger,
    url,
    link,
    async signIn(page, role, orgId) {
      await page.goto(await link(role, orgId));
      await page.getByRole("heading", { name: "Calls", exact: true }).waitFor();
    },
    call: (options = {}) =>
      simulateCall({
        seed: "console",
        assistantId: ASSISTANT,
        startedAt: Date.now(),
        direction: "inbound",
        outcome: "completed",
        turns: 6,
        ...options,
      }),
    async send(deliveries) {
      for (const { body } of deliveries) {
        const reply = await fetch(`${url}/api/webhooks/vapi`, {
          method: "POST",
          body,
          headers: signDelivery(body, SECRET, Date.now()),
        });
        if (!reply.ok) throw new Error(`a delivery was answered with ${reply.status}: ${await reply.text()}`);
        await reply.arrayBuffer();
      }
    },
    recordedCall: (options) => recordCall({ url }, ledger, storage, options),
    async restart(meanwhile) {
      running.api.signal("SIGTERM");
      await running.api.ended;
      await meanwhile();
      running = await start(running.port);
    },
    async stop() {
      await running.api.kill();
      await ledger.drop();
      await storage.stop();
    },
  };
}

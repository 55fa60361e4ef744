import { connect } from "node:net";
import type { HealthStatus } from "@call-ledger/contract/health";
import type { AccountSettings } from "@call-ledger/providers";
import { simulateChatter } from "@call-ledger/simulator";
import { OpsError } from "../cli/command.ts";
import { adviceOnRefusal, sendDelivery, webhookUrl } from "../simulation/send-delivery.ts";
import type { Check, Finding } from "./checks/check.ts";
import { askHealth } from "./server/ask-health.ts";

/** The target of a deployment, for the checks before any change. */
export type TargetInputs = {
  readonly server: URL;
  readonly hook: URL | null;
  readonly account: AccountSettings;
  /** The server's METRICS_TOKEN; empty if it is not known here. */
  readonly token: string;
  /** Whether nothing was ever deployed, so that no answer is expected yet. */
  readonly isFirst: boolean;
  now(): number;
  /** The running release, set by `server_answers`. */
  running?: HealthStatus;
};

const CONNECT_MS = 5_000;
const RENDER_HOST = "api.render.com";

export const TARGET_CHECKS: readonly Check<TargetInputs>[] = [
  {
    id: "server_answers",
    expected: "a release of this program at the URL, or nothing before the first deployment",
    run: serverFinding,
  },
  {
    id: "deploy_hook",
    expected: "the hook's host accepts connections; at Render, the URL has a path /deploy/ and a key",
    run: ({ hook }) => hookFinding(hook),
  },
  {
    id: "signed_delivery_accepted",
    expected: "200 for a signed delivery that is not stored",
    needs: "server_answers",
    run: signedFinding,
  },
];

async function serverFinding(inputs: TargetInputs): Promise<Finding> {
  const next = "Check the URL. The new release would never appear there.";
  try {
    const { health, httpStatus, fault } = await askHealth(inputs.server, { token: inputs.token });
    if (health === null)
      return { ok: false, found: `${httpStatus}, ${fault}: not call-ledger's /health`, next };
    inputs.running = health;
    return {
      ok: true,
      found: `${health.version ?? "an old release"}${health.commit === null ? "" : `+${health.commit}`} runs`,
    };
  } catch (error) {
    if (!(error instanceof OpsError && inputs.isFirst)) throw error;
    return { ok: true, found: "no answer, before the first deployment" };
  }
}

async function hookFinding(hook: URL | null): Promise<Finding> {
  if (hook === null) return { ok: true, found: "none; push the code when the step deploy_code waits for it" };
  const next = "Copy the deploy hook from the service's settings into RENDER_DEPLOY_HOOK_URL.";
  const isWhole = hook.pathname.startsWith("/deploy/") && hook.searchParams.has("key");
  if (hook.hostname === RENDER_HOST && !isWhole)
    return { ok: false, found: "it is not a deploy hook of Render", next };
  const refusal = await connectTo(hook);
  return refusal === null
    ? { ok: true, found: `${hook.host} accepts connections` }
    : { ok: false, found: `${hook.host} accepts no connection (${refusal})`, next };
}

/**
 * Only connects, because each request to a hook is an order. Resolves to the error's code; `null` if the connection was
 * made.
 */
function connectTo({ protocol, hostname, port }: URL): Promise<string | null> {
  const host = hostname.replace(/^\[|\]$/g, "");
  return new Promise((resolve) => {
    const socket = connect({
      host,
      port: Number(port || (protocol === "http:" ? 80 : 443)),
      timeout: CONNECT_MS,
    });
    const end = (code: string | null) => {
      socket.destroy();
      resolve(code);
    };
    socket.once("connect", () => end(null));
    socket.once("timeout", () => end("ETIMEDOUT"));
    socket.once("error", (error) => end("code" in error ? String(error.code) : error.name));
  });
}

async function signedFinding({ server, account, running, now }: TargetInputs): Promise<Finding> {
  if (running === undefined) return { ok: true, found: "not sent: no answer yet" };
  const sent = await sendDelivery(webhookUrl(server), simulateChatter(now()), { account, now: now() });
  return {
    ok: sent.status === 200,
    found: `${sent.status} ${sent.outcome ?? ""}`.trimEnd(),
    next: sent.status === 401 ? adviceOnRefusal(sent) : "Check the server's log before you deploy.",
  };
}

import type { AccountSettings } from "@call-ledger/providers";
import { DEFAULT_PROVIDER } from "@call-ledger/providers";
import type { SimulatedDelivery } from "@call-ledger/simulator";
import { unreachableServer } from "../deploy/server/unreachable-server.ts";

/** The server's answer to one delivery. */
export type Sent = {
  readonly type: string;
  readonly status: number;
  /** The outcome in the server's words; `answered` if it answered a question instead; `null` if it reported none. */
  readonly outcome: string | null;
  /** The seconds by which this machine's clock is ahead of the server's; `null`: the server sent no time. */
  readonly aheadSeconds: number | null;
};

const DEADLINE_MS = 15_000;
const WEBHOOK_PATH = `/api/webhooks/${DEFAULT_PROVIDER.provider}`;
const UTF8 = new TextEncoder();

/** Returns the address of the webhook on a server, or the URL itself if it already names one. */
export function webhookUrl(server: URL): URL {
  const url = new URL(server);
  if (!url.pathname.includes("/api/webhooks/")) url.pathname = url.pathname.replace(/\/*$/, WEBHOOK_PATH);
  return url;
}

/**
 * Sends one delivery, signed at `now` for the account. Returns an answer of any status. Throws unreachable if there is
 * none within 15 s.
 */
export async function sendDelivery(
  url: URL,
  { type, body }: SimulatedDelivery,
  { account, now }: { readonly account: AccountSettings; readonly now: number },
): Promise<Sent> {
  try {
    const response = await fetch(url, {
      method: "POST",
      body,
      headers: DEFAULT_PROVIDER.sign(UTF8.encode(body), account, now),
      redirect: "manual",
      signal: AbortSignal.timeout(DEADLINE_MS),
    });
    const outcome = outcomeIn(await response.text(), response.ok);
    return { type, status: response.status, outcome, aheadSeconds: aheadOf(response, now) };
  } catch (error) {
    throw unreachableServer(url, error);
  }
}

/** How far a signed time may be ahead of and behind the server's clock if WEBHOOK_TOLERANCE_SECONDS is not set. */
const USUAL_SECONDS = { ahead: 300, behind: 86_400 } as const;

/** The smallest WEBHOOK_TOLERANCE_SECONDS: no server refuses a signature for a smaller difference of the clocks. */
const NOTICEABLE_SECONDS = 60;

/** Returns the next step after a delivery was answered with 401. */
export function adviceOnRefusal({ aheadSeconds }: Pick<Sent, "aheadSeconds">): string {
  const way = (aheadSeconds ?? 0) > 0 ? "ahead" : "behind";
  const seconds = Math.abs(aheadSeconds ?? 0);
  const clock = `The clock of this machine is ${seconds} s ${way === "ahead" ? "ahead of" : "behind"} the server's`;
  if (seconds > USUAL_SECONDS[way])
    return `${clock}, so the signatures are refused as too old or too new. Set the clock, then try again.`;
  const variables = DEFAULT_PROVIDER.platform.variables.join(" and ");
  const advice = `The server has another secret, or accepts another proof. Compare ${variables} there and here. The server's log has the reason.`;
  return seconds > NOTICEABLE_SECONDS
    ? `${advice} ${clock}; it refuses that only if its WEBHOOK_TOLERANCE_SECONDS is smaller.`
    : advice;
}

function aheadOf(response: Response, now: number): number | null {
  const serverTime = Date.parse(response.headers.get("date") ?? "");
  return Number.isNaN(serverTime) ? null : Math.round((now - serverTime) / 1_000);
}

function outcomeIn(text: string, accepted: boolean): string | null {
  try {
    const reply: unknown = JSON.parse(text);
    if (typeof reply !== "object" || reply === null) return null;
    const outcome: unknown = Reflect.get(reply, "outcome");
    if (typeof outcome === "string") return outcome;
  } catch {
    return null;
  }
  return accepted ? "answered" : null;
}

import type { AccountSettings } from "@call-ledger/providers";
import { DEFAULT_PROVIDER } from "@call-ledger/providers";
import type { SimulatedDelivery } from "@call-ledger/simulator";
import { nobodyAt } from "../deploy/server/nobody-at.ts";

/** What the server said to one delivery. */
export type Sent = {
  readonly type: string;
  readonly status: number;
  /** Its own word for it; `answered` where it answered a question instead, `null` where it said nothing of the kind. */
  readonly outcome: string | null;
  /** How far the clock of this machine is ahead of the server's, in seconds; `null`: the server did not say its time. */
  readonly aheadSeconds: number | null;
};

const DEADLINE_MS = 15_000;
const WEBHOOK_PATH = `/api/webhooks/${DEFAULT_PROVIDER.provider}`;
const UTF8 = new TextEncoder();

/** The address of the webhook on a server, unless the URL already names one. */
export function webhookUrl(server: URL): URL {
  const url = new URL(server);
  if (!url.pathname.includes("/api/webhooks/")) url.pathname = url.pathname.replace(/\/*$/, WEBHOOK_PATH);
  return url;
}

/** Sends one delivery, signed at `now` for the account; any status is an answer. Throws unreachable where there is none within 15 s. */
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
    throw nobodyAt(url, error);
  }
}

/** A clock that is further off is told; what a server tolerates is its own setting, five minutes by default. */
const NOTICEABLE_SECONDS = 60;

/** What to do about a delivery that was answered with 401. */
export function adviceOnRefusal({ aheadSeconds }: Sent): string {
  const variables = DEFAULT_PROVIDER.platform.variables.join(" and ");
  const seconds = Math.abs(aheadSeconds ?? 0);
  if (seconds > NOTICEABLE_SECONDS) {
    const way = (aheadSeconds ?? 0) > 0 ? "ahead of" : "behind";
    return `The clock of this machine is ${seconds} s ${way} the server's, and old signatures are refused: set it, then try again.`;
  }
  return `The server has another secret, or takes another proof: compare ${variables} there and here. Its log says the reason.`;
}

function aheadOf(response: Response, now: number): number | null {
  const said = Date.parse(response.headers.get("date") ?? "");
  return Number.isNaN(said) ? null : Math.round((now - said) / 1_000);
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

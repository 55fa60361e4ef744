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
    return { type, status: response.status, outcome: outcomeIn(await response.text(), response.ok) };
  } catch (error) {
    throw nobodyAt(url, error);
  }
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

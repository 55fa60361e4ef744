import type { ChannelSettings } from "@call-ledger/contract/alerts";
import type { ClaimedAlert } from "@call-ledger/db/alerts";
import type { Log } from "@call-ledger/process";
import { Webhook } from "standardwebhooks";
import { guardedSend } from "../egress/guarded-send.ts";
import type { ConnectionPorts } from "../egress/secure-connection.ts";
import { alertMessage } from "./alert-message.ts";
import { alertNotice } from "./alert-notice.ts";
import { sendEmail } from "./channels/email.channel.ts";

export type SendPorts = {
  readonly connection: ConnectionPorts;
  readonly log: Pick<Log, "warn">;
  /** Returns the settings of the message's channel. Throws EgressFault if this process cannot read them. */
  settingsOf(alert: ClaimedAlert): ChannelSettings;
  now(): number;
};

/**
 * Sends one message through its channel. Returns why it did not reach all receivers of the channel; `null`: it did.
 * Throws EgressFault, or the signal's reason.
 */
export async function sendAlert(
  alert: ClaimedAlert,
  ports: SendPorts,
  signal: AbortSignal,
): Promise<string | null> {
  if (alert.kind === "log") {
    writeLog(alert, ports.log);
    return null;
  }
  const settings = ports.settingsOf(alert);
  if (settings.kind === "email") {
    const { id, news } = alert;
    return sendEmail(settings, { id, ...alertMessage(news) }, ports.connection, signal);
  }
  const { body, headers } =
    settings.kind === "slack" ? slackPost(alert) : signedPost(alert, settings, ports.now());
  await guardedSend({ method: "POST", url: settings.url, headers, body }, ports.connection, signal);
  return null;
}

type Post = { readonly body: string; readonly headers: Readonly<Record<string, string>> };

function slackPost({ news }: ClaimedAlert): Post {
  const { subject, text } = alertMessage(news);
  return { body: JSON.stringify({ text: news.length === 0 ? text : `*${subject}*\n${text}` }), headers: {} };
}

function signedPost(
  { id, news, createdAt }: ClaimedAlert,
  { secret }: { readonly secret: string },
  now: number,
): Post {
  const body = JSON.stringify(alertNotice(news, createdAt));
  const at = new Date(now);
  return {
    body,
    headers: {
      "webhook-id": id,
      "webhook-timestamp": String(Math.floor(now / 1_000)),
      "webhook-signature": new Webhook(secret).sign(id, at, body),
    },
  };
}

function writeLog({ news }: ClaimedAlert, log: SendPorts["log"]): void {
  if (news.length === 0) log.warn({}, "Alarm: test");
  for (const { kind, condition, scope, figures, alarmId } of news) {
    log.warn({ alarm: alarmId, condition, scope, ...figures }, `Alarm ${kind}`);
  }
}

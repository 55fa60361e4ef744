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
  /** Returns the settings of the message's channel. Throws RecordingFault if this process cannot read them. */
  settingsOf(alert: ClaimedAlert): ChannelSettings;
  now(): number;
};

/** Sends one message through its channel. Throws RecordingFault, or the signal's reason. */
export async function sendAlert(alert: ClaimedAlert, ports: SendPorts, signal: AbortSignal): Promise<void> {
  const { id, news, createdAt } = alert;
  if (alert.kind === "log") return writeLog(alert, ports.log);
  const settings = ports.settingsOf(alert);
  if (settings.kind === "email") {
    return sendEmail(settings, { id, ...alertMessage(news) }, ports.connection, signal);
  }
  if (settings.kind === "slack") {
    const { subject, text } = alertMessage(news);
    const body = JSON.stringify({ text: news.length === 0 ? text : `*${subject}*\n${text}` });
    return guardedSend({ method: "POST", url: settings.url, headers: {}, body }, ports.connection, signal);
  }
  const body = JSON.stringify(alertNotice(news, createdAt));
  const at = new Date(ports.now());
  const headers = {
    "webhook-id": id,
    "webhook-timestamp": String(Math.floor(at.getTime() / 1_000)),
    "webhook-signature": new Webhook(settings.secret).sign(id, at, body),
  };
  return guardedSend({ method: "POST", url: settings.url, headers, body }, ports.connection, signal);
}

function writeLog({ news }: ClaimedAlert, log: SendPorts["log"]): void {
  if (news.length === 0) log.warn({}, "Alarm: test");
  for (const { kind, condition, scope, figures, alarmId } of news) {
    log.warn({ alarm: alarmId, condition, scope, ...figures }, `Alarm ${kind}`);
  }
}

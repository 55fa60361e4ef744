import { randomUUID } from "node:crypto";
import type { ChannelSettings } from "@call-ledger/contract/alerts";
import { channelServer, channelSettingsSchema } from "@call-ledger/contract/alerts";
import { newSigningSecret } from "@call-ledger/credentials";
import { addAlertChannel, withOwner } from "@call-ledger/db-operator/admin";
import { serverFault } from "@call-ledger/worker/alert-servers";
import { command, usage } from "../cli/command.ts";
import { settingsIn } from "../cli/settings.ts";
import { uuid } from "../cli/values.ts";
import { ownerUrl } from "../database/owner-url.ts";
import { accountBox } from "../organizations/account-box.ts";
import { refusal } from "../organizations/refusal.ts";
import { SECRET_FORMS, secretsIn } from "../organizations/secret-input.ts";

const KINDS = ["slack", "email", "webhook"] as const;

export const alertsAddCommand = command({
  about:
    "Adds a channel that alarms are told in. slack: a webhook of Slack, or of a service that takes the same body. email: " +
    "over SMTP, with TLS. webhook: JSON, signed as Standard Webhooks says; without --secret one is made and printed this " +
    "once. Addresses and secrets are kept encrypted with ENCRYPTION_KEY. Servers have to be public and at the usual ports; " +
    "ALERT_HOSTS names others. Send a test with alerts test.",
  options: {
    kind: { value: "WORD", about: KINDS.join(", "), words: KINDS, required: true },
    org: {
      value: "ID",
      about: "an organization, told of its own alarms; default: the operator",
      parse: uuid,
    },
    name: { value: "NAME", about: "what it is for, for people" },
    url: { value: "URL", about: `slack and webhook: where to post, https; ${SECRET_FORMS}` },
    secret: { value: "SECRET", about: `webhook: whsec_ and base64; ${SECRET_FORMS}` },
    smtp: {
      value: "URL",
      about: `email: smtps://USER:PASSWORD@HOST or smtp://USER:PASSWORD@HOST:587; ${SECRET_FORMS}`,
    },
    from: { value: "ADDRESS", about: "email: the sender" },
    to: { value: "ADDRESSES", about: "email: the receivers, separated by commas" },
  },
  examples: [
    "alerts add --kind slack --url env:SLACK_URL",
    "alerts add --kind email --smtp env:SMTP_URL --from ledger@example.com --to dana@example.com",
    "alerts add --kind webhook --url https://hooks.example.com/alarms --org 5b1f0c1e-2a77-4d55-8c3b-6f0e2d9a7711",
  ],

  async run({ kind, org: orgId = null, name = null, from, to, ...secrets }, surroundings) {
    const { url, secret, smtp } = secrets;
    const [readUrl, readSecret, readSmtp] = await secretsIn({ url, secret, smtp }, surroundings);
    const isMade = kind === "webhook" && readSecret === undefined;
    const settings = channelSettings(kind, {
      url: readUrl,
      secret: isMade ? newSigningSecret() : readSecret,
      smtp: readSmtp,
      from,
      to: to?.split(",").map((address) => address.trim()),
    });
    const fault = serverFault(settings, settingsIn(surroundings.env).ALERT_HOSTS);
    if (fault !== null)
      throw usage(`Nothing would be sent: ${fault}. ALERT_HOSTS can name a server of your own network.`);
    const id = randomUUID();
    const sealed = accountBox(surroundings.env).seal(JSON.stringify(settings), {
      channelId: id,
      use: "alert channel",
    });
    const { host } = channelServer(settings);
    await withOwner(ownerUrl(surroundings.env), (owner) =>
      addAlertChannel(owner, { id, orgId, kind, name, host, settings: sealed }).catch(refusal),
    );
    const made = isMade && settings.kind === "webhook" ? settings.secret : null;
    return {
      document: { id, kind, host, ...(made === null ? {} : { secret: made }) },
      text: [
        ...(made === null ? [] : [made, "The secret is not shown again."]),
        `Channel ${id}. Send a test: alerts test ${id}`,
      ],
    };
  },
});

/** Throws a usage error that names the options that are missing or wrong, and no value. */
function channelSettings(
  kind: ChannelSettings["kind"],
  given: Readonly<Record<string, string | readonly string[] | undefined>>,
): ChannelSettings {
  const wanted = Object.entries(given).filter(([, value]) => value !== undefined);
  const { data, error } = channelSettingsSchema.safeParse({ kind, ...Object.fromEntries(wanted) });
  if (data !== undefined) return data;
  const faults = error.issues.flatMap((issue) =>
    issue.code === "unrecognized_keys"
      ? issue.keys.map((key) => `--${key} is not for ${kind}.`)
      : [`--${String(issue.path[0])} is missing, or not in the form that the help shows.`],
  );
  throw usage([...new Set(faults)].join("\n"));
}

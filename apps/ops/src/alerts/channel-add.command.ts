import { randomUUID } from "node:crypto";
import type { ChannelSettings } from "@call-ledger/contract/alerts";
import { channelServer, channelSettingsSchema } from "@call-ledger/contract/alerts";
import { newSigningSecret } from "@call-ledger/credentials";
import { addChannel, OPERATOR } from "@call-ledger/db/access";
import { asOperator } from "@call-ledger/db-operator/admin";
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
    "Adds a channel that receives alarms. slack: a webhook of Slack, or of a service that accepts the same body. email: " +
    "over SMTP with TLS. webhook: JSON, signed according to Standard Webhooks; without --secret a secret is generated and " +
    "printed once. Addresses and secrets are stored encrypted with ENCRYPTION_KEY. A server has to be public and use the " +
    "usual ports; ALERT_HOSTS allows others. Send a test with alerts test.",
  options: {
    kind: { value: "WORD", about: KINDS.join(", "), words: KINDS, required: true },
    org: {
      value: "ID",
      about: "an organization, which gets its own alarms; default: the operator",
      parse: uuid,
    },
    name: { value: "NAME", about: "a name for people" },
    url: { value: "URL", about: `slack and webhook: the https URL that gets the messages; ${SECRET_FORMS}` },
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
      throw usage(
        `No message could be sent: ${fault}. To use a server of your own network, name it in ALERT_HOSTS.`,
      );
    const id = randomUUID();
    const sealed = accountBox(surroundings.env).seal(JSON.stringify(settings), {
      channelId: id,
      use: "alert channel",
    });
    const { host } = channelServer(settings);
    await asOperator(ownerUrl(surroundings.env), (db) =>
      addChannel(db, OPERATOR, { id, orgId, kind, name, host, settings: sealed }),
    ).catch(refusal);
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

/** Reads the settings. Throws a usage error that names the missing or wrong options, without their values. */
function channelSettings(
  kind: ChannelSettings["kind"],
  given: Readonly<Record<string, string | readonly string[] | undefined>>,
): ChannelSettings {
  const wanted = Object.entries(given).filter(([, value]) => value !== undefined);
  const { data, error } = channelSettingsSchema.safeParse({ kind, ...Object.fromEntries(wanted) });
  if (data !== undefined) return data;
  const faults = error.issues.flatMap((issue) =>
    issue.code === "unrecognized_keys"
      ? issue.keys.map((key) => `--${key} is no option of ${kind}.`)
      : [`--${String(issue.path[0])} is missing, or does not have the form in the help.`],
  );
  throw usage([...new Set(faults)].join("\n"));
}

import type { Command } from "../cli/command.ts";

export type RegisteredCommand = {
  /** One word, or two if the command belongs to a group. */
  readonly name: string;
  readonly summary: string;
  /**
   * What is printed if the command ends before the database has confirmed its change, unless it has set its state.
   * Without it the command changes nothing before it sets its state.
   */
  readonly ifStopped?: string;
  readonly load: () => Promise<Command>;
};

/**
 * The module of a command, which exports `agent add` as `agentAddCommand`. It is loaded when the command is called, so
 * that the imports of one do not slow down another.
 */
type Module = () => Promise<{ readonly [name: `${string}Command`]: Command }>;

const organizationCommands = () => import("../organizations/organization.commands.ts");
const accountCommands = () => import("../organizations/account.commands.ts");
const agentCommands = () => import("../organizations/agent.commands.ts");
const memberCommands = () => import("../organizations/member.commands.ts");
const keyCommands = () => import("../organizations/key.commands.ts");
const quarantineOneCommands = () => import("../quarantine/quarantine-one.commands.ts");
const alarmCommands = () => import("../alerts/alarm.commands.ts");
const channelCommands = () => import("../alerts/channel.commands.ts");

const REGISTRY: Readonly<Record<string, readonly [summary: string, Module]>> = {
  migrate: ["update the database's schema to this release", () => import("../database/migrate.command.ts")],
  adopt: ["import the database of an older application", () => import("../database/adopt.command.ts")],
  "db url": ["print the database's URL for psql", () => import("../database/db-url.command.ts")],
  "db login": ["make the server's login and print its URL", () => import("../database/db-login.command.ts")],
  backup: ["write the ledger's rows to an archive and check it", () => import("../backup/backup.command.ts")],
  restore: ["check a backup, or replace the ledger by it", () => import("../backup/restore.command.ts")],
  "deploy release": [
    "deploy one commit at Render and wait until it serves",
    () => import("../deploy/render/deploy-release.command.ts"),
  ],
  "deploy rollback": [
    "deploy the previous commit at Render and wait until it serves",
    () => import("../deploy/render/deploy-rollback.command.ts"),
  ],
  deploy: ["run the steps of the deployment guide", () => import("../deploy/deploy.command.ts")],
  "rollback code": [
    "check that the older code can run on this schema, and deploy it",
    () => import("../deploy/rollback/rollback-code.command.ts"),
  ],
  "rollback constraint": [
    "drop one constraint that refuses rows",
    () => import("../deploy/rollback/rollback-constraint.command.ts"),
  ],
  "rollback full": [
    "restore the backup before this release",
    () => import("../deploy/rollback/rollback-full.command.ts"),
  ],
  rollback: ["show which way back applies, and why", () => import("../deploy/rollback/rollback.command.ts")],
  preflight: ["run the checks before a deployment", () => import("../deploy/preflight/preflight.command.ts")],
  verify: ["check that a deployment succeeded", () => import("../deploy/verify/verify.command.ts")],
  smoke: ["send a probe call through a running server", () => import("../deploy/smoke/smoke.command.ts")],
  watch: ["watch a running server after its deployment", () => import("../deploy/watch/watch.command.ts")],
  doctor: ["show what loses calls, at the provider and here", () => import("../doctor/doctor.command.ts")],
  "org create": ["add an organization", organizationCommands],
  "org list": ["show the organizations", organizationCommands],
  "account add": ["add an organization's own account at a provider", accountCommands],
  "account list": ["show the provider accounts", accountCommands],
  "account set": ["allow hosts of recordings", () => import("../organizations/account-set.command.ts")],
  "account rotate": ["change the secrets of an organization's own account", accountCommands],
  "agent add": ["assign an assistant and a number to an organization", agentCommands],
  "agent list": ["show the agents", agentCommands],
  "agent remove": ["stop booking an assistant and a number for an organization", agentCommands],
  "agent move": ["give an assistant and a number to another organization", agentCommands],
  "member invite": ["add a person, and print the link that signs them in once", memberCommands],
  "member list": ["show the members of organizations", memberCommands],
  "member remove": ["remove a person and end their sessions", memberCommands],
  "key create": ["create an API key of an organization", keyCommands],
  "key list": ["show the API keys, by their first characters", keyCommands],
  "key revoke": ["revoke API keys", keyCommands],
  "calls attention": ["show calls that need a person", () => import("../calls/calls-attention.command.ts")],
  "calls completeness": [
    "show by day whether every call of the provider is in the ledger",
    () => import("../calls/calls-completeness.command.ts"),
  ],
  reconcile: ["book missing calls from the provider's API", () => import("../calls/reconcile.command.ts")],
  "quarantine list": ["show unbooked deliveries", () => import("../quarantine/quarantine-list.command.ts")],
  "quarantine show": ["show one of them with its content", quarantineOneCommands],
  "quarantine drop": ["delete quarantined deliveries permanently", quarantineOneCommands],
  "quarantine replay": ["try to book them again", () => import("../quarantine/quarantine-replay.command.ts")],
  "events replay": ["read stored deliveries again", () => import("../events/events-replay.command.ts")],
  "recordings list": ["show the recordings' states", () => import("../worker/recordings-list.command.ts")],
  "recordings retry": ["retry given-up recordings", () => import("../worker/recordings-retry.command.ts")],
  "recordings verify": [
    "read stored recordings back and compare their checksums",
    () => import("../worker/recordings-verify.command.ts"),
  ],
  "housekeeping list": [
    "show the housekeeping jobs: last result and next run",
    () => import("../worker/housekeeping-list.command.ts"),
  ],
  "housekeeping run": ["run housekeeping jobs now", () => import("../worker/housekeeping-run.command.ts")],
  "alerts list": ["show the open alarms and the recently closed ones", alarmCommands],
  "alerts ack": ["acknowledge an alarm, so that it is not repeated", alarmCommands],
  "alerts mute": ["send no messages about an alarm for a time", alarmCommands],
  "alerts channels": ["show the channels of alarms and their state", channelCommands],
  "alerts add": ["add a channel: Slack, e-mail, webhook", () => import("../alerts/channel-add.command.ts")],
  "alerts remove": ["remove a channel", channelCommands],
  "alerts test": ["send a test message to a channel, or to all", channelCommands],
  config: ["check and show the configuration, secrets hidden", () => import("../database/config.command.ts")],
  simulate: ["send a whole signed call to a server", () => import("../simulation/simulate.command.ts")],
};

const AGAIN = "What was done stays done. Next: the same command again, which does the rest.";
const SENT = "The server keeps what it was sent. The same --seed sends the same call again.";
const shownBy = (command: string) => `${command} shows whether it was done.`;

const IF_STOPPED: readonly (readonly [text: string, ...commands: string[]])[] = [
  [AGAIN, "reconcile", "quarantine replay", "events replay", "recordings retry", "housekeeping run"],
  [SENT, "simulate"],
  ["The login may have a new password. Next: db login again.", "db login"],
  [shownBy("org list"), "org create"],
  [shownBy("account list"), "account add", "account set", "account rotate"],
  [shownBy("agent list"), "agent add", "agent remove", "agent move"],
  [shownBy("member list"), "member invite", "member remove"],
  [shownBy("key list"), "key create", "key revoke"],
  [shownBy("quarantine list"), "quarantine drop"],
  [shownBy("alerts list"), "alerts ack", "alerts mute"],
  [shownBy("alerts channels"), "alerts add", "alerts remove", "alerts test"],
  [shownBy("verify"), "rollback constraint"],
];

function ifStopped(name: string): { readonly ifStopped?: string } {
  const [text] = IF_STOPPED.find(([, ...commands]) => commands.includes(name)) ?? [];
  return text === undefined ? {} : { ifStopped: text };
}

export const COMMANDS: readonly RegisteredCommand[] = Object.entries(REGISTRY).map(
  ([name, [summary, module]]) => ({
    name,
    summary,
    ...ifStopped(name),
    async load() {
      const exported = `${name.replace(/ (.)/, (_, first: string) => first.toUpperCase())}Command` as const;
      const found = (await module())[exported];
      if (found === undefined) throw new Error(`the module of ${name} does not export ${exported}`);
      return found;
    },
  }),
);

import type { Command } from "../cli/command.ts";

export type RegisteredCommand = {
  /** One word, or two if the command belongs to a group. */
  readonly name: string;
  readonly summary: string;
  readonly load: () => Promise<Command>;
};

/** A command is loaded when it is called, so that the imports of one do not slow down another. */
export const COMMANDS: readonly RegisteredCommand[] = [
  {
    name: "migrate",
    summary: "update the database's schema to this release",
    load: async () => (await import("../database/migrate.command.ts")).migrateCommand,
  },
  {
    name: "adopt",
    summary: "import the database of an older application",
    load: async () => (await import("../database/adopt.command.ts")).adoptCommand,
  },
  {
    name: "db url",
    summary: "print the database's URL for psql",
    load: async () => (await import("../database/db-url.command.ts")).dbUrlCommand,
  },
  {
    name: "db login",
    summary: "create the application's own login and print its URL",
    load: async () => (await import("../database/db-login.command.ts")).dbLoginCommand,
  },
  {
    name: "backup",
    summary: "write the ledger's rows into an archive and check it",
    load: async () => (await import("../backup/backup.command.ts")).backupCommand,
  },
  {
    name: "restore",
    summary: "check a backup, or replace the ledger by it",
    load: async () => (await import("../backup/restore.command.ts")).restoreCommand,
  },
  {
    name: "deploy release",
    summary: "deploy one commit at Render and wait until it serves",
    load: async () => (await import("../deploy/render/deploy-release.command.ts")).deployReleaseCommand,
  },
  {
    name: "deploy rollback",
    summary: "deploy the previous commit at Render and wait until it serves",
    load: async () => (await import("../deploy/render/deploy-rollback.command.ts")).deployRollbackCommand,
  },
  {
    name: "deploy",
    summary: "run the deployment guide's steps, one after another",
    load: async () => (await import("../deploy/deploy.command.ts")).deployCommand,
  },
  {
    name: "rollback code",
    summary: "check that the older code can run on this schema, and deploy it",
    load: async () => (await import("../deploy/rollback/rollback-code.command.ts")).rollbackCodeCommand,
  },
  {
    name: "rollback constraint",
    summary: "drop one constraint that refuses rows",
    load: async () =>
      (await import("../deploy/rollback/rollback-constraint.command.ts")).rollbackConstraintCommand,
  },
  {
    name: "rollback full",
    summary: "restore the newest backup",
    load: async () => (await import("../deploy/rollback/rollback-full.command.ts")).rollbackFullCommand,
  },
  {
    name: "rollback",
    summary: "show which way back applies, and why",
    load: async () => (await import("../deploy/rollback/rollback.command.ts")).rollbackCommand,
  },
  {
    name: "preflight",
    summary: "run the checklist before a deployment",
    load: async () => (await import("../deploy/preflight/preflight.command.ts")).preflightCommand,
  },
  {
    name: "verify",
    summary: "check that a deployment succeeded",
    load: async () => (await import("../deploy/verify/verify.command.ts")).verifyCommand,
  },
  {
    name: "smoke",
    summary: "send a probe call through a running server",
    load: async () => (await import("../deploy/smoke/smoke.command.ts")).smokeCommand,
  },
  {
    name: "watch",
    summary: "watch a running server after its deployment",
    load: async () => (await import("../deploy/watch/watch.command.ts")).watchCommand,
  },
  {
    name: "doctor",
    summary: "show the faults that will lose calls, at the provider and here",
    load: async () => (await import("../doctor/doctor.command.ts")).doctorCommand,
  },
  {
    name: "org create",
    summary: "add an organization",
    load: async () => (await import("../organizations/organization.commands.ts")).orgCreateCommand,
  },
  {
    name: "org list",
    summary: "show the organizations",
    load: async () => (await import("../organizations/organization.commands.ts")).orgListCommand,
  },
  {
    name: "account add",
    summary: "add an organization's own account at a provider",
    load: async () => (await import("../organizations/account.commands.ts")).accountAddCommand,
  },
  {
    name: "account list",
    summary: "show the provider accounts",
    load: async () => (await import("../organizations/account.commands.ts")).accountListCommand,
  },
  {
    name: "account set",
    summary: "allow hosts of an account's recordings",
    load: async () => (await import("../organizations/account-set.command.ts")).accountSetCommand,
  },
  {
    name: "account rotate",
    summary: "change the secrets of an organization's own account",
    load: async () => (await import("../organizations/account.commands.ts")).accountRotateCommand,
  },
  {
    name: "agent add",
    summary: "assign an assistant and a number to an organization",
    load: async () => (await import("../organizations/agent.commands.ts")).agentAddCommand,
  },
  {
    name: "agent list",
    summary: "show the agents",
    load: async () => (await import("../organizations/agent.commands.ts")).agentListCommand,
  },
  {
    name: "agent remove",
    summary: "stop booking an assistant and a number for an organization",
    load: async () => (await import("../organizations/agent.commands.ts")).agentRemoveCommand,
  },
  {
    name: "agent move",
    summary: "give an assistant and a number to another organization",
    load: async () => (await import("../organizations/agent.commands.ts")).agentMoveCommand,
  },
  {
    name: "member invite",
    summary: "add a person, and print the link that signs them in once",
    load: async () => (await import("../organizations/member.commands.ts")).memberInviteCommand,
  },
  {
    name: "member list",
    summary: "show the members of organizations",
    load: async () => (await import("../organizations/member.commands.ts")).memberListCommand,
  },
  {
    name: "member remove",
    summary: "remove a person and end their sessions",
    load: async () => (await import("../organizations/member.commands.ts")).memberRemoveCommand,
  },
  {
    name: "key create",
    summary: "create an API key of an organization",
    load: async () => (await import("../organizations/key.commands.ts")).keyCreateCommand,
  },
  {
    name: "key list",
    summary: "show the API keys, by their first characters",
    load: async () => (await import("../organizations/key.commands.ts")).keyListCommand,
  },
  {
    name: "key revoke",
    summary: "revoke API keys",
    load: async () => (await import("../organizations/key.commands.ts")).keyRevokeCommand,
  },
  {
    name: "calls attention",
    summary: "show the calls that a person should look at",
    load: async () => (await import("../calls/calls-attention.command.ts")).callsAttentionCommand,
  },
  {
    name: "calls completeness",
    summary: "show by day whether every call of the provider is in the ledger",
    load: async () => (await import("../calls/calls-completeness.command.ts")).callsCompletenessCommand,
  },
  {
    name: "reconcile",
    summary: "book missing calls from the provider's API",
    load: async () => (await import("../calls/reconcile.command.ts")).reconcileCommand,
  },
  {
    name: "quarantine list",
    summary: "show the deliveries that could not be booked",
    load: async () => (await import("../quarantine/quarantine-list.command.ts")).quarantineListCommand,
  },
  {
    name: "quarantine show",
    summary: "show one of them with its content",
    load: async () => (await import("../quarantine/quarantine-one.commands.ts")).quarantineShowCommand,
  },
  {
    name: "quarantine drop",
    summary: "delete quarantined deliveries permanently",
    load: async () => (await import("../quarantine/quarantine-one.commands.ts")).quarantineDropCommand,
  },
  {
    name: "quarantine replay",
    summary: "try to book quarantined deliveries again",
    load: async () => (await import("../quarantine/quarantine-replay.command.ts")).quarantineReplayCommand,
  },
  {
    name: "events replay",
    summary: "read stored deliveries again with this release",
    load: async () => (await import("../events/events-replay.command.ts")).eventsReplayCommand,
  },
  {
    name: "recordings list",
    summary: "show the recordings with their state and its reason",
    load: async () => (await import("../worker/recordings-list.command.ts")).recordingsListCommand,
  },
  {
    name: "recordings retry",
    summary: "try to store given-up recordings again",
    load: async () => (await import("../worker/recordings-retry.command.ts")).recordingsRetryCommand,
  },
  {
    name: "recordings verify",
    summary: "read stored recordings back and compare their checksums",
    load: async () => (await import("../worker/recordings-verify.command.ts")).recordingsVerifyCommand,
  },
  {
    name: "housekeeping list",
    summary: "show the housekeeping jobs: last result and next run",
    load: async () => (await import("../worker/housekeeping-list.command.ts")).housekeepingListCommand,
  },
  {
    name: "housekeeping run",
    summary: "run housekeeping jobs now",
    load: async () => (await import("../worker/housekeeping-run.command.ts")).housekeepingRunCommand,
  },
  {
    name: "alerts list",
    summary: "show the open alarms and the recently closed ones",
    load: async () => (await import("../alerts/alarm.commands.ts")).alertsListCommand,
  },
  {
    name: "alerts ack",
    summary: "acknowledge an alarm, so that it is not repeated",
    load: async () => (await import("../alerts/alarm.commands.ts")).alertsAckCommand,
  },
  {
    name: "alerts mute",
    summary: "send no messages about an alarm for a time",
    load: async () => (await import("../alerts/alarm.commands.ts")).alertsMuteCommand,
  },
  {
    name: "alerts channels",
    summary: "show the channels of alarms and their state",
    load: async () => (await import("../alerts/channel.commands.ts")).alertsChannelsCommand,
  },
  {
    name: "alerts add",
    summary: "add a channel: Slack, e-mail or a webhook",
    load: async () => (await import("../alerts/channel-add.command.ts")).alertsAddCommand,
  },
  {
    name: "alerts remove",
    summary: "remove a channel",
    load: async () => (await import("../alerts/channel.commands.ts")).alertsRemoveCommand,
  },
  {
    name: "alerts test",
    summary: "send a test message to a channel, or to all",
    load: async () => (await import("../alerts/channel.commands.ts")).alertsTestCommand,
  },
  {
    name: "config",
    summary: "check the configuration and print it without its secrets",
    load: async () => (await import("../database/config.command.ts")).configCommand,
  },
  {
    name: "simulate",
    summary: "send a whole signed call to a running server",
    load: async () => (await import("../simulation/simulate.command.ts")).simulateCommand,
  },
];

import type { Command } from "../cli/command.ts";
import type { CommandEntry } from "../cli/help.ts";

export type RegisteredCommand = CommandEntry & { readonly load: () => Promise<Command> };

/** Loaded when it is called: what one command needs does not slow down another. */
export const COMMANDS: readonly RegisteredCommand[] = [
  {
    name: "migrate",
    summary: "bring the database's schema to this release",
    load: async () => (await import("./migrate.command.ts")).migrateCommand,
  },
  {
    name: "adopt",
    summary: "bring over a database of the deployment guide's era",
    load: async () => (await import("./adopt.command.ts")).adoptCommand,
  },
  {
    name: "db url",
    summary: "print where the database is, for psql",
    load: async () => (await import("./db-url.command.ts")).dbUrlCommand,
  },
  {
    name: "db login",
    summary: "make the application's own login and print its URL",
    load: async () => (await import("./db-login.command.ts")).dbLoginCommand,
  },
  {
    name: "org create",
    summary: "add an organization",
    load: async () => (await import("./org-create.command.ts")).orgCreateCommand,
  },
  {
    name: "org list",
    summary: "show the organizations",
    load: async () => (await import("./org-list.command.ts")).orgListCommand,
  },
  {
    name: "agent add",
    summary: "say which organization an assistant and a number belong to",
    load: async () => (await import("./agent-add.command.ts")).agentAddCommand,
  },
  {
    name: "agent list",
    summary: "show the agents",
    load: async () => (await import("./agent-list.command.ts")).agentListCommand,
  },
  {
    name: "quarantine list",
    summary: "show the deliveries that could not be booked",
    load: async () => (await import("./quarantine-list.command.ts")).quarantineListCommand,
  },
  {
    name: "quarantine replay",
    summary: "try to book quarantined deliveries again",
    load: async () => (await import("./quarantine-replay.command.ts")).quarantineReplayCommand,
  },
  {
    name: "recordings list",
    summary: "show what became of the recordings, and why",
    load: async () => (await import("./recordings-list.command.ts")).recordingsListCommand,
  },
  {
    name: "recordings retry",
    summary: "try again to store recordings that were given up",
    load: async () => (await import("./recordings-retry.command.ts")).recordingsRetryCommand,
  },
  {
    name: "config",
    summary: "check the configuration and print it without its secrets",
    load: async () => (await import("./config.command.ts")).configCommand,
  },
  {
    name: "simulate",
    summary: "send a whole signed call to a running server",
    load: async () => (await import("./simulate.command.ts")).simulateCommand,
  },
];

import { randomUUID } from "node:crypto";
import type { Config } from "@call-ledger/config";
import type { AlertChannelAnswer, ChannelSettings, GivenSettings } from "@call-ledger/contract/alerts";
import { channelServer } from "@call-ledger/contract/alerts";
import { newSigningSecret } from "@call-ledger/credentials";
import type { Actor, Administration, SealedSettings } from "@call-ledger/db/access";
import {
  addChannel,
  changeChannel,
  channelsOf,
  findChannel,
  queueTestMessage,
  removeChannel,
} from "@call-ledger/db/access";
import type { AlertChannel } from "@call-ledger/db/alerts";
import { ApiProblem } from "../mount/api-problem.ts";
import type { Handlers } from "../mount/handler.ts";
import { badField } from "../refusals.ts";
import { sealed } from "../secret-sealing.ts";
import type { AlarmsOf } from "./alarms-of.ts";
import { installationsAlarms, organizationsAlarms } from "./alarms-of.ts";

type ChannelHandlers = Pick<
  Handlers,
  | "listAlertChannels"
  | "createAlertChannel"
  | "changeAlertChannel"
  | "removeAlertChannel"
  | "testAlertChannel"
  | "listInstallationChannels"
  | "createInstallationChannel"
  | "changeInstallationChannel"
  | "removeInstallationChannel"
  | "testInstallationChannel"
>;

export type ChannelPorts = {
  readonly administration: Administration;
  /** Why messages may not be sent to the server of a channel; `null`: they may. */
  readonly alertServerFault: (settings: ChannelSettings) => string | null;
};

type Changed = AlertChannelAnswer & { readonly secret: string | null };

/** Handlers for the channels to which alarms are sent: those of an organization and those of the operator. */
export function channelHandlers(config: Config, ports: ChannelPorts): ChannelHandlers {
  const of = (orgId: string) => channelsAt(organizationsAlarms(ports.administration, orgId), config, ports);
  const all = channelsAt(installationsAlarms(ports.administration), config, ports);
  return {
    listAlertChannels: ({ caller }) => of(caller.orgId).list(),
    createAlertChannel: ({ caller, body }) => of(caller.orgId).create(body, caller.actor),
    changeAlertChannel: ({ caller, params, body }) =>
      of(caller.orgId).change(params.channel, body, caller.actor),
    removeAlertChannel: ({ caller, params }) => of(caller.orgId).remove(params.channel, caller.actor),
    testAlertChannel: ({ caller, params }) => of(caller.orgId).test(params.channel, caller.actor),
    listInstallationChannels: () => all.list(),
    createInstallationChannel: ({ caller, body }) => all.create(body, caller.actor),
    changeInstallationChannel: ({ caller, params, body }) => all.change(params.channel, body, caller.actor),
    removeInstallationChannel: ({ caller, params }) => all.remove(params.channel, caller.actor),
    testInstallationChannel: ({ caller, params }) => all.test(params.channel, caller.actor),
  };
}

function channelsAt({ orgId, run }: AlarmsOf, config: Config, ports: ChannelPorts) {
  const found = async (id: string) => {
    const channel = await run((db) => findChannel(db, orgId, id));
    if (channel === null) throw new ApiProblem("not_found");
    return channel;
  };
  return {
    async list() {
      const channels = await run((db) => channelsOf(db, orgId));
      return { data: channels.map(channelView) };
    },
    async create(
      { name, settings: given }: { readonly name: string | null; readonly settings: GivenSettings },
      actor: Actor,
    ): Promise<Changed> {
      const id = randomUUID();
      const { settings, secret } = settingsOf(given, ports);
      const places = sealedSettings(config, id, settings);
      await run((db) => addChannel(db, actor, { id, orgId, kind: settings.kind, name, ...places }));
      return { ...channelView(await found(id)), secret };
    },
    async change(
      id: string,
      {
        name,
        settings: given,
      }: { readonly name?: string | null | undefined; readonly settings?: GivenSettings | undefined },
      actor: Actor,
    ): Promise<Changed> {
      const before = await found(id);
      if (given !== undefined && given.kind !== before.kind) {
        throw badField(
          "body.settings.kind",
          `is ${before.kind} and stays so. Add a channel of the other kind.`,
        );
      }
      const { settings, secret } =
        given === undefined ? { settings: null, secret: null } : settingsOf(given, ports);
      const places = settings === null ? null : sealedSettings(config, id, settings);
      await run((db) => changeChannel(db, actor, before, { name, sealed: places }));
      return { ...channelView(await found(id)), secret };
    },
    async remove(id: string, actor: Actor): Promise<null> {
      const { kind } = await found(id);
      if (kind === "log") {
        throw new ApiProblem("conflict", {
          detail: "Alarms are always logged, so this channel cannot be removed.",
        });
      }
      await run((db) => removeChannel(db, actor, id));
      return null;
    },
    async test(id: string, actor: Actor) {
      const channel = await found(id);
      return { message_id: await run((db) => queueTestMessage(db, actor, channel)) };
    },
  };
}

/**
 * The settings of a channel, and the secret that was made for it; `null`: the request has given one, or none is needed.
 * Throws ApiProblem if messages may not be sent to the channel's server.
 */
function settingsOf(
  given: GivenSettings,
  { alertServerFault }: ChannelPorts,
): { readonly settings: ChannelSettings; readonly secret: string | null } {
  const isMade = given.kind === "webhook" && given.secret === undefined;
  const made = newSigningSecret();
  const settings = given.kind === "webhook" ? { ...given, secret: given.secret ?? made } : given;
  const fault = alertServerFault(settings);
  if (fault === null) return { settings, secret: isMade ? made : null };
  throw badField(
    settings.kind === "email" ? "body.settings.smtp" : "body.settings.url",
    `${fault}. The operator can name a server of their own network in ALERT_HOSTS.`,
  );
}

function sealedSettings(config: Config, channelId: string, settings: ChannelSettings): SealedSettings {
  const place = { channelId, use: "alert channel" } as const;
  return { host: channelServer(settings).host, settings: sealed(config, JSON.stringify(settings), place) };
}

function channelView(channel: AlertChannel): AlertChannelAnswer {
  return {
    id: channel.id,
    organization_id: channel.orgId,
    kind: channel.kind,
    name: channel.name,
    host: channel.host,
    created_at: channel.createdAt.toISOString(),
    last_sent_at: channel.lastSentAt?.toISOString() ?? null,
    failing_since: channel.failingSince?.toISOString() ?? null,
    last_error: channel.lastError,
  };
}

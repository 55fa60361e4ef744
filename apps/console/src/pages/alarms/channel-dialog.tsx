import type { AlertChannelAnswer, GivenSettings } from "@call-ledger/contract/alerts";
import { useState } from "react";
import { request } from "../../api/client.ts";
import { useChange } from "../../api/use-change.ts";
import { SelectField, TextField } from "../../components/form.tsx";
import { FormDialog, faultOf, textIn } from "../../components/form-dialog.tsx";
import { showToast } from "../../components/toast.tsx";
import { t, word } from "../../text/text.ts";
import type { AlarmLevel } from "./alarm-routes.ts";
import { ROUTES_OF } from "./alarm-routes.ts";
import { alarmsKey } from "./use-alarms.ts";

const KINDS = ["slack", "email", "webhook"] as const;
type Kind = (typeof KINDS)[number];
/** The wanted channel; `settings` null: the channel keeps its settings. */
type Wanted = { readonly name: string | null; readonly settings: GivenSettings | null };

/** Adds or changes a channel. Its settings are never shown, so the user fills in all of them again or keeps them. */
export function ChannelDialog({
  channel,
  level,
  onDone,
  onClose,
}: {
  /** `null`: the dialog adds a channel. */
  channel: AlertChannelAnswer | null;
  level: AlarmLevel;
  /** Gets the new secret, which is shown once. */
  onDone: (secret: string | null) => void;
  onClose: () => void;
}) {
  const [chosen, setChosen] = useState<Kind>("slack");
  const kind = KINDS.find((one) => one === channel?.kind) ?? chosen;
  const save = useSave(channel, level, onDone);
  return (
    <FormDialog
      title={t(channel === null ? "channels.add" : "channels.changeTitle")}
      about={t(channel === null ? "channels.addAbout" : "channels.changeAbout")}
      action={t(channel === null ? "channels.addAction" : "common.save")}
      mutation={save}
      variables={(form): Wanted => ({ name: textIn(form, "name"), settings: settingsIn(form, kind) })}
      onClose={onClose}
    >
      {channel === null && (
        <SelectField
          label={t("channels.kind")}
          value={kind}
          onChange={({ target }) => setChosen(KINDS.find((one) => one === target.value) ?? "slack")}
        >
          {KINDS.map((one) => (
            <option key={one} value={one}>
              {word("alertChannel", one)}
            </option>
          ))}
        </SelectField>
      )}
      <TextField
        label={t("channels.name")}
        name="name"
        hint={t("channels.nameHint")}
        defaultValue={channel?.name ?? ""}
        fault={faultOf(save.error, "name")}
      />
      <SettingsFields kind={kind} isRequired={channel === null} error={save.error} />
    </FormDialog>
  );
}

function SettingsFields({
  kind,
  isRequired,
  error,
}: {
  kind: Kind;
  isRequired: boolean;
  error: Error | null;
}) {
  const common = { required: isRequired, autoComplete: "off", spellCheck: false } as const;
  if (kind !== "email") {
    return (
      <TextField
        {...common}
        key={kind}
        label={t(kind === "slack" ? "channels.slackUrl" : "channels.webhookUrl")}
        hint={t(kind === "slack" ? "channels.slackHint" : "channels.webhookHint")}
        name="url"
        type="url"
        placeholder="https://"
        fault={faultOf(error, "settings.url")}
      />
    );
  }
  return (
    <>
      <TextField
        {...common}
        label={t("channels.smtp")}
        hint={t("channels.smtpHint")}
        name="smtp"
        placeholder="smtps://user:password@mail.example.com"
        fault={faultOf(error, "settings.smtp")}
      />
      <TextField
        {...common}
        label={t("channels.from")}
        name="from"
        type="email"
        fault={faultOf(error, "settings.from")}
      />
      <TextField
        {...common}
        label={t("channels.to")}
        hint={t("channels.toHint")}
        name="to"
        type="email"
        multiple
        fault={faultOf(error, "settings.to") ?? faultOf(error, "settings.to.0")}
      />
    </>
  );
}

/** The settings in the form; `null`: no field was filled in. */
function settingsIn(form: FormData, kind: Kind): GivenSettings | null {
  const url = textIn(form, "url");
  if (kind !== "email") return url === null ? null : { kind, url };
  const [smtp, from, to] = ["smtp", "from", "to"].map((name) => textIn(form, name));
  if (smtp === null && from === null && to === null) return null;
  const receivers = (to ?? "").split(",").map((address) => address.trim());
  return { kind, smtp: smtp ?? "", from: from ?? "", to: receivers };
}

function useSave(
  channel: AlertChannelAnswer | null,
  level: AlarmLevel,
  onDone: (secret: string | null) => void,
) {
  const routes = ROUTES_OF[level];
  return useChange(
    alarmsKey(level),
    ({ name, settings }: Wanted) => {
      const given = settings === null ? {} : { settings };
      if (channel !== null) {
        return request("PATCH", routes.channel, {
          params: { channel: channel.id },
          body: { name, ...given },
        });
      }
      if (settings === null) throw new Error(t("channels.incomplete"));
      return request("POST", routes.channels, { body: { name, settings } });
    },
    ({ secret }) => {
      showToast(t("common.saved"));
      onDone(secret);
    },
  );
}

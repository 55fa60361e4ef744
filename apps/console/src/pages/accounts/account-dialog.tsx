import type { ProviderAccount } from "@call-ledger/contract/operations";
import { useMutation, useQueryClient } from "@tanstack/react-query";
import { request } from "../../api/client.ts";
import { TextField } from "../../components/form.tsx";
import { FormDialog, faultOf, textIn } from "../../components/form-dialog.tsx";
import { showToast } from "../../components/toast.tsx";
import { t } from "../../text/text.ts";

type Change = { name: string | null; recording_hosts: string[]; api_key?: string };

/**
 * Changes the name, the API key and the recording hosts of an account. A stored key is never shown. `host` is filled in
 * as one more recording host.
 */
export function AccountDialog({
  account,
  host,
  onClose,
}: {
  account: ProviderAccount;
  host?: string | undefined;
  onClose: () => void;
}) {
  const client = useQueryClient();
  const hosts = [...new Set([...account.recording_hosts, ...(host === undefined ? [] : [host])])];
  const isOwn = account.organization_id !== null;
  const change = useMutation({
    mutationFn: (body: Change) =>
      request("PATCH", "/accounts/{account}", { params: { account: account.id }, body }),
    onSuccess: async () => {
      await client.invalidateQueries({ queryKey: ["accounts"] });
      showToast(t("common.saved"));
      onClose();
    },
  });
  return (
    <FormDialog
      title={t("accounts.changeTitle")}
      action={t("common.save")}
      mutation={change}
      variables={changeIn}
      onClose={onClose}
    >
      <TextField
        label={t("accounts.name")}
        name="name"
        defaultValue={account.name ?? ""}
        fault={faultOf(change.error, "name")}
      />
      {isOwn && (
        <TextField
          label={t("accounts.apiKey")}
          name="api_key"
          type="password"
          autoComplete="off"
          placeholder={account.has_api_key ? t("accounts.apiKeyStored") : ""}
          hint={t("accounts.apiKeyHint")}
          fault={faultOf(change.error, "api_key")}
        />
      )}
      <TextField
        label={t("accounts.hosts")}
        name="recording_hosts"
        defaultValue={hosts.join(", ")}
        placeholder="recordings.example.com"
        spellCheck={false}
        hint={t("accounts.hostsHint")}
        fault={faultOf(change.error, "recording_hosts")}
      />
    </FormDialog>
  );
}

function changeIn(form: FormData): Change {
  const key = textIn(form, "api_key");
  const hosts = (textIn(form, "recording_hosts") ?? "").split(",").map((host) => host.trim());
  return {
    name: textIn(form, "name"),
    recording_hosts: hosts.filter((host) => host !== ""),
    ...(key === null ? {} : { api_key: key }),
  };
}

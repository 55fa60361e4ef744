import type { Agent, AgentAccount } from "@call-ledger/contract/people";
import { chosenOrganization } from "../../api/chosen-organization.ts";
import { request } from "../../api/client.ts";
import { useChange } from "../../api/use-change.ts";
import { agentName } from "../../components/agent-name.ts";
import { ConfirmDialog } from "../../components/dialog.tsx";
import { SelectField, TextField } from "../../components/form.tsx";
import { FormDialog, faultOf, textIn } from "../../components/form-dialog.tsx";
import { ProviderName } from "../../components/provider-name.tsx";
import { showToast } from "../../components/toast.tsx";
import { t } from "../../text/text.ts";
import { accountName } from "./agent-accounts.ts";

type Numbers = { name: string | null; phone_number: string | null; provider_phone_number_id: string | null };

/** The query key, which the filter of the list of calls uses too. */
export const agentsKey = () => ["agents", chosenOrganization()] as const;

/** The form fields of an agent that can be changed later. `number`: the number that it is to get. */
function NumberFields({
  agent,
  number,
  error,
}: {
  agent?: Agent;
  number: string | undefined;
  error: Error | null;
}) {
  return (
    <>
      <TextField
        label={t("agents.name")}
        name="name"
        defaultValue={agent?.name ?? ""}
        hint={t("agents.nameHint")}
        fault={faultOf(error, "name")}
      />
      <TextField
        label={t("agents.number")}
        name="phone_number"
        type="tel"
        placeholder="+14155550123"
        defaultValue={number ?? agent?.phone_number ?? ""}
        hint={t("agents.numberHint")}
        fault={faultOf(error, "phone_number")}
      />
      <TextField
        label={t("agents.numberId")}
        name="provider_phone_number_id"
        defaultValue={agent?.provider_phone_number_id ?? ""}
        fault={faultOf(error, "provider_phone_number_id")}
      />
    </>
  );
}

function numbersIn(form: FormData): Numbers {
  return {
    name: textIn(form, "name"),
    phone_number: textIn(form, "phone_number"),
    provider_phone_number_id: textIn(form, "provider_phone_number_id"),
  };
}

/** Adds an agent at one of the accounts. Only if there are several, the user chooses. */
export function AddDialog({
  accounts,
  number,
  onDone,
  onClose,
}: {
  accounts: readonly AgentAccount[];
  number: string | undefined;
  onDone: () => void;
  onClose: () => void;
}) {
  const add = useChange(
    agentsKey(),
    (body: Numbers & { provider_agent_id: string; account_id: string }) =>
      request("POST", "/agents", { body }),
    () => {
      showToast(t("agents.added"));
      onDone();
    },
  );
  return (
    <FormDialog
      title={t("agents.add")}
      about={t("agents.addAbout")}
      action={t("agents.addAction")}
      mutation={add}
      variables={(form) => ({
        ...numbersIn(form),
        provider_agent_id: textIn(form, "provider_agent_id") ?? "",
        account_id: textIn(form, "account_id") ?? accounts[0]?.id ?? "",
      })}
      onClose={onClose}
    >
      {accounts.length > 1 && (
        <SelectField
          label={t("deliveries.account")}
          name="account_id"
          fault={faultOf(add.error, "account_id")}
        >
          {accounts.map((account) => (
            <AccountOption key={account.id} account={account} />
          ))}
        </SelectField>
      )}
      <TextField
        label={t("agents.providerId")}
        name="provider_agent_id"
        required
        autoFocus
        hint={t("agents.providerIdHint")}
        fault={faultOf(add.error, "provider_agent_id")}
      />
      <NumberFields number={number} error={add.error} />
    </FormDialog>
  );
}

function AccountOption({ account }: { account: AgentAccount }) {
  return (
    <option value={account.id}>
      {accountName(account)} (<ProviderName provider={account.provider} />)
    </option>
  );
}

/** Changes the name and the number of an agent. */
export function ChangeDialog({
  agent,
  number,
  onDone,
  onClose,
}: {
  agent: Agent;
  number: string | undefined;
  onDone: () => void;
  onClose: () => void;
}) {
  const change = useChange(
    agentsKey(),
    (body: Numbers) => request("PATCH", "/agents/{agent}", { params: { agent: agent.id }, body }),
    () => {
      showToast(t("common.saved"));
      onDone();
    },
  );
  return (
    <FormDialog
      title={agentName(agent)}
      action={t("common.save")}
      mutation={change}
      variables={numbersIn}
      onClose={onClose}
    >
      <NumberFields agent={agent} number={number} error={change.error} />
    </FormDialog>
  );
}

/** Removes an agent, after a confirmation. */
export function RemoveDialog({ agent, onClose }: { agent: Agent; onClose: () => void }) {
  const remove = useChange(
    agentsKey(),
    () => request("DELETE", "/agents/{agent}", { params: { agent: agent.id } }),
    onClose,
  );
  return (
    <ConfirmDialog
      title={t("agents.removeTitle")}
      about={t("agents.removeAbout", { name: agentName(agent) })}
      action={t("agents.removeAction")}
      busy={remove.isPending}
      error={remove.error}
      onConfirm={() => remove.mutate()}
      onClose={onClose}
    />
  );
}

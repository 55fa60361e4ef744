import type { ProviderAccount } from "@call-ledger/contract/operations";
import { useQuery } from "@tanstack/react-query";
import { Link, useNavigate, useSearch } from "@tanstack/react-router";
import { Cable, Plus } from "lucide-react";
import { useState } from "react";
import { request } from "../../api/client.ts";
import { useChange } from "../../api/use-change.ts";
import { ShowLink, useShown } from "../../app/shown.tsx";
import { Button, buttonClass } from "../../components/button.tsx";
import { SelectField, TextField } from "../../components/form.tsx";
import { FormDialog, faultOf, textIn } from "../../components/form-dialog.tsx";
import { Loaded } from "../../components/loaded.tsx";
import { Card, endCell, Page, Table } from "../../components/page.tsx";
import { ProviderName, useProviders } from "../../components/provider-name.tsx";
import { State } from "../../components/state.tsx";
import { t } from "../../text/text.ts";
import { AccountDialog } from "./account-dialog.tsx";
import { KEY, newSecret, useAccounts } from "./accounts.query.ts";
import { FirstDelivery } from "./first-delivery.tsx";

/** What the address shows while an account is made. */
const NEW = "new";

/**
 * Accounts at providers: the URL of their deliveries, and whether they come. The address can name an account to change,
 * and a host to allow for it.
 */
export function AccountsPage() {
  const accounts = useAccounts();
  const [shown, hide] = useShown();
  const [changing, change] = useState<ProviderAccount>();
  const asked = useSearch({ from: "/inside/operator/accounts" });
  const navigate = useNavigate({ from: "/operator/accounts" });
  const toChange = changing ?? accounts.data?.data.find(({ id }) => id === asked.account);
  const endChange = (): void => {
    change(undefined);
    void navigate({ search: {}, replace: true });
  };
  return (
    <Page
      title={t("accounts.title")}
      about={t("accounts.about")}
      actions={
        <ShowLink show={NEW} className={buttonClass("primary")}>
          <Plus size={15} aria-hidden />
          {t("accounts.create")}
        </ShowLink>
      }
    >
      <Card flush>
        <Loaded query={accounts}>
          {({ data }) =>
            data.length === 0 ? (
              <State icon={<Cable size={18} aria-hidden />} title={t("accounts.emptyTitle")}>
                <p>{t("accounts.empty")}</p>
              </State>
            ) : (
              <AccountTable accounts={data} onChange={change} />
            )
          }
        </Loaded>
      </Card>
      {shown === NEW && (
        <CreateDialog
          onDone={({ id, webhook_secret: secret }) => {
            newSecret.set({ account: id, secret });
            void navigate({ to: "/operator/accounts/$account", params: { account: id }, replace: true });
          }}
          onClose={hide}
        />
      )}
      {toChange !== undefined && (
        <AccountDialog
          account={toChange}
          host={toChange.id === asked.account ? asked.host : undefined}
          onClose={endChange}
        />
      )}
    </Page>
  );
}

function AccountTable({
  accounts,
  onChange,
}: {
  accounts: readonly ProviderAccount[];
  onChange: (account: ProviderAccount) => void;
}) {
  const organizations = useQuery({
    queryKey: ["organizations"],
    queryFn: ({ signal }) => request("GET", "/organizations", { signal }),
  });
  const names = new Map(organizations.data?.data.map(({ id, name }) => [id, name]));
  return (
    <Table
      label={t("accounts.title")}
      headings={[t("accounts.name"), t("call.provider"), t("accounts.owner"), t("accounts.lastDelivery"), ""]}
    >
      {accounts.map((account) => (
        <tr key={account.id}>
          <td>
            <b>{account.name ?? t("accounts.unnamed")}</b>
          </td>
          <td>
            <ProviderName provider={account.provider} />
          </td>
          <td>
            {account.organization_id === null
              ? t("accounts.platform")
              : (names.get(account.organization_id) ?? account.organization_id)}
          </td>
          <td>
            <FirstDelivery account={account} />
          </td>
          <td className={endCell}>
            <Button look="quiet" onClick={() => onChange(account)}>
              {t("members.change")}
            </Button>
            <Link to="/operator/accounts/$account" params={{ account: account.id }} className={buttonClass()}>
              {t("accounts.connect")}
            </Link>
          </td>
        </tr>
      ))}
    </Table>
  );
}

type NewAccount = { provider: string; name: string | null; organization_id: string | null };

type Made = { readonly id: string; readonly webhook_secret: string };

function CreateDialog({ onDone, onClose }: { onDone: (made: Made) => void; onClose: () => void }) {
  const providers = useProviders();
  const organizations = useQuery({
    queryKey: ["organizations"],
    queryFn: ({ signal }) => request("GET", "/organizations", { signal }),
  });
  const create = useChange(KEY, (body: NewAccount) => request("POST", "/accounts", { body }), onDone);
  return (
    <FormDialog
      title={t("accounts.create")}
      about={t("accounts.createAbout")}
      action={t("accounts.createAction")}
      mutation={create}
      variables={(form) => ({
        provider: textIn(form, "provider") ?? "",
        name: textIn(form, "name"),
        organization_id: textIn(form, "organization_id"),
      })}
      onClose={onClose}
    >
      <SelectField label={t("call.provider")} name="provider" fault={faultOf(create.error, "provider")}>
        {providers.data?.data.map(({ name, title }) => (
          <option key={name} value={name}>
            {title}
          </option>
        ))}
      </SelectField>
      <TextField label={t("accounts.name")} name="name" fault={faultOf(create.error, "name")} />
      <SelectField
        label={t("accounts.owner")}
        name="organization_id"
        required
        hint={t("accounts.ownerHint")}
        fault={faultOf(create.error, "organization_id")}
      >
        {organizations.data?.data.map(({ id, name }) => (
          <option key={id} value={id}>
            {name}
          </option>
        ))}
      </SelectField>
    </FormDialog>
  );
}

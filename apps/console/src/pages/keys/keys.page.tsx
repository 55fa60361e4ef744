import type { ApiKeyInfo } from "@call-ledger/contract/people";
import { useQuery } from "@tanstack/react-query";
import { KeyRound, Plus } from "lucide-react";
import { useState } from "react";
import { chosenOrganization } from "../../api/chosen-organization.ts";
import { request } from "../../api/client.ts";
import { useChange } from "../../api/use-change.ts";
import { useMe } from "../../app/session.tsx";
import { Badge } from "../../components/badge.tsx";
import { Button } from "../../components/button.tsx";
import { ConfirmDialog } from "../../components/dialog.tsx";
import { TextField } from "../../components/form.tsx";
import { FormDialog, faultOf, textIn } from "../../components/form-dialog.tsx";
import { Loaded } from "../../components/loaded.tsx";
import { ShownOnce } from "../../components/once.tsx";
import { Card, endCell, Page, Table } from "../../components/page.tsx";
import { State } from "../../components/state.tsx";
import { Time } from "../../components/time.tsx";
import { showToast } from "../../components/toast.tsx";
import { t, word } from "../../text/text.ts";
import styles from "./keys.module.css";

const useKeysKey = () => ["keys", chosenOrganization()] as const;

/** The API keys of the organization's own programs. */
export function KeysPage() {
  const key = useKeysKey();
  const keys = useQuery({ queryKey: key, queryFn: ({ signal }) => request("GET", "/keys", { signal }) });
  const [isCreating, setCreating] = useState(false);
  const [created, setCreated] = useState<string>();
  const [changing, setChanging] = useState<ApiKeyInfo>();
  const [revoking, setRevoking] = useState<ApiKeyInfo>();
  return (
    <Page
      title={t("apiKeys.title")}
      about={t("apiKeys.about")}
      actions={
        <Button look="primary" onClick={() => setCreating(true)}>
          <Plus size={15} aria-hidden />
          {t("apiKeys.create")}
        </Button>
      }
    >
      <Card flush>
        <Loaded query={keys}>
          {({ data }) =>
            data.length === 0 ? (
              <State icon={<KeyRound size={18} aria-hidden />} title={t("apiKeys.emptyTitle")}>
                <p>{t("apiKeys.empty")}</p>
              </State>
            ) : (
              <KeyTable keys={data} onChange={setChanging} onRevoke={setRevoking} />
            )
          }
        </Loaded>
      </Card>
      {isCreating && (
        <CreateDialog
          onDone={(secret) => {
            setCreating(false);
            setCreated(secret);
          }}
          onClose={() => setCreating(false)}
        />
      )}
      {created !== undefined && (
        <ShownOnce
          title={t("apiKeys.createdTitle")}
          about={t("apiKeys.createdAbout")}
          secret={created}
          onClose={() => setCreated(undefined)}
        />
      )}
      {changing !== undefined && <ChangeDialog apiKey={changing} onClose={() => setChanging(undefined)} />}
      {revoking !== undefined && <RevokeDialog apiKey={revoking} onClose={() => setRevoking(undefined)} />}
    </Page>
  );
}

function KeyTable({
  keys,
  onChange,
  onRevoke,
}: {
  keys: readonly ApiKeyInfo[];
  onChange: (key: ApiKeyInfo) => void;
  onRevoke: (key: ApiKeyInfo) => void;
}) {
  return (
    <Table
      label={t("apiKeys.title")}
      headings={[t("apiKeys.name"), t("apiKeys.prefix"), t("apiKeys.scopes"), t("apiKeys.lastUsed"), ""]}
    >
      {keys.map((apiKey) => (
        <tr key={apiKey.id}>
          <td>
            <b>{apiKey.name ?? t("apiKeys.unnamed")}</b>
          </td>
          <td>
            <code>{apiKey.prefix}…</code>
          </td>
          <td>
            <div className={styles.scopes}>
              {apiKey.scopes.map((scope) => (
                <Badge key={scope} tone="gray">
                  {scope}
                </Badge>
              ))}
            </div>
          </td>
          <td>
            {apiKey.last_used_at === null ? (
              t("apiKeys.neverUsed")
            ) : (
              <Time at={apiKey.last_used_at} form="relative" />
            )}
          </td>
          <td className={endCell}>
            {apiKey.revoked_at === null ? (
              <>
                <Button onClick={() => onChange(apiKey)}>{t("apiKeys.change")}</Button>{" "}
                <Button look="danger" onClick={() => onRevoke(apiKey)}>
                  {t("call.revoke")}
                </Button>
              </>
            ) : (
              <>
                {t("apiKeys.revoked")} <Time at={apiKey.revoked_at} />
              </>
            )}
          </td>
        </tr>
      ))}
    </Table>
  );
}

/** The scope for outgoing webhooks, which do not exist yet, so it is not offered. */
const WITHOUT_USE = "webhooks:write";

function CreateDialog({ onDone, onClose }: { onDone: (secret: string) => void; onClose: () => void }) {
  const scopes = useOfferedScopes();
  const create = useChange(
    useKeysKey(),
    (body: ReturnType<typeof keyIn>) => request("POST", "/keys", { body }),
    ({ key: secret }) => onDone(secret),
  );
  return (
    <FormDialog
      title={t("apiKeys.create")}
      about={t("apiKeys.createAbout")}
      action={t("apiKeys.createAction")}
      mutation={create}
      variables={(form) => keyIn(form, scopes)}
      onClose={onClose}
    >
      <KeyFields name="" scopes={scopes} chosen={["calls:read"]} error={create.error} />
    </FormDialog>
  );
}

function ChangeDialog({ apiKey, onClose }: { apiKey: ApiKeyInfo; onClose: () => void }) {
  const offered = useOfferedScopes();
  const change = useChange(
    useKeysKey(),
    (body: ReturnType<typeof keyIn>) => request("PATCH", "/keys/{key}", { params: { key: apiKey.id }, body }),
    () => {
      showToast(t("apiKeys.changed"));
      onClose();
    },
  );
  return (
    <FormDialog
      title={t("apiKeys.changeTitle")}
      about={t("apiKeys.changeAbout")}
      action={t("apiKeys.changeAction")}
      mutation={change}
      variables={(form) => keyIn(form, offered)}
      onClose={onClose}
    >
      <KeyFields name={apiKey.name ?? ""} scopes={offered} chosen={apiKey.scopes} error={change.error} />
    </FormDialog>
  );
}

type Scopes = ApiKeyInfo["scopes"];

/** The scopes that a key of the caller can have. */
function useOfferedScopes(): Scopes {
  return useMe().scopes.filter((scope) => scope !== WITHOUT_USE);
}

/** The name and the scopes in a form with KeyFields. */
function keyIn(form: FormData, scopes: Scopes) {
  const chosen = form.getAll("scope");
  return { name: textIn(form, "name") ?? "", scopes: scopes.filter((scope) => chosen.includes(scope)) };
}

function KeyFields({
  name,
  scopes,
  chosen,
  error,
}: {
  name: string;
  scopes: Scopes;
  chosen: Scopes;
  error: Error | null;
}) {
  return (
    <>
      <TextField
        label={t("apiKeys.name")}
        name="name"
        required
        autoFocus
        defaultValue={name}
        hint={t("apiKeys.nameHint")}
        fault={faultOf(error, "name")}
      />
      <fieldset className={styles.choices}>
        <legend>{t("apiKeys.scopes")}</legend>
        {scopes.map((scope) => (
          <label key={scope}>
            <input type="checkbox" name="scope" value={scope} defaultChecked={chosen.includes(scope)} />
            <span>
              <code>{scope}</code> {word("scope", scope)}
            </span>
          </label>
        ))}
      </fieldset>
    </>
  );
}

function RevokeDialog({ apiKey, onClose }: { apiKey: ApiKeyInfo; onClose: () => void }) {
  const revoke = useChange(
    useKeysKey(),
    () => request("DELETE", "/keys/{key}", { params: { key: apiKey.id } }),
    () => {
      showToast(t("apiKeys.revokedDone"));
      onClose();
    },
  );
  return (
    <ConfirmDialog
      title={t("apiKeys.revokeTitle")}
      about={t("apiKeys.revokeAbout", { name: apiKey.name ?? apiKey.prefix })}
      action={t("apiKeys.revokeAction")}
      busy={revoke.isPending}
      error={revoke.error}
      onConfirm={() => revoke.mutate()}
      onClose={onClose}
    />
  );
}

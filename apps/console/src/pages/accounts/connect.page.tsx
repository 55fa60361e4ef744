import type { ProviderAccount } from "@call-ledger/contract/operations";
import { CircleCheck, CircleDashed, CircleX } from "lucide-react";
import { useState } from "react";
import { request } from "../../api/client.ts";
import { useChange } from "../../api/use-change.ts";
import { Button } from "../../components/button.tsx";
import { classes } from "../../components/classes.ts";
import { Copyable } from "../../components/copy.tsx";
import { ConfirmDialog, Dialog, DialogActions } from "../../components/dialog.tsx";
import { Loaded } from "../../components/loaded.tsx";
import { useProviders } from "../../components/provider-name.tsx";
import { Time } from "../../components/time.tsx";
import { t } from "../../text/text.ts";
import styles from "./accounts.module.css";

/**
 * The steps to connect an account, with the texts to copy, and a line that turns green with the first delivery that
 * verifies.
 * @param secret `null`: it was made earlier and cannot be shown again
 */
export function ConnectDialog({
  account,
  secret,
  onSecret,
  onClose,
}: {
  account: ProviderAccount;
  secret: string | null;
  onSecret: (secret: string) => void;
  onClose: () => void;
}) {
  const providers = useProviders();
  const [isAsking, setAsking] = useState(false);
  const rotate = useChange(
    ["accounts"],
    () => request("POST", "/accounts/{account}/secret", { params: { account: account.id }, body: {} }),
    ({ webhook_secret }) => {
      setAsking(false);
      onSecret(webhook_secret);
    },
  );
  return (
    <Dialog
      title={t("accounts.connectTitle")}
      about={t("accounts.connectAbout")}
      wide
      holds={secret !== null}
      onClose={onClose}
    >
      {isOfThisMachine(account.webhook_url) && (
        <p role="note" className={styles.unreachable}>
          {t("accounts.unreachable", { url: account.webhook_url })}
        </p>
      )}
      <Loaded query={providers}>
        {({ data }) => (
          <ol className={styles.steps}>
            {data
              .find(({ name }) => name === account.provider)
              ?.steps.map(({ text, value }) => (
                <li key={text}>
                  <p>
                    <StepText text={text} />
                  </p>
                  {value !== null && <StepValue value={value} account={account} secret={secret} />}
                </li>
              ))}
          </ol>
        )}
      </Loaded>
      <Contact account={account} />
      {account.organization_id !== null && (
        <DialogActions>
          <Button onClick={() => setAsking(true)}>{t("accounts.rotate")}</Button>
          {secret !== null && (
            <Button look="primary" onClick={onClose}>
              {t("common.copiedIt")}
            </Button>
          )}
        </DialogActions>
      )}
      {isAsking && (
        <ConfirmDialog
          title={t("accounts.rotateTitle")}
          about={t("accounts.rotateAbout", { name: account.name ?? t("accounts.unnamed") })}
          action={t("accounts.rotate")}
          busy={rotate.isPending}
          error={rotate.error}
          onConfirm={() => rotate.mutate()}
          onClose={() => setAsking(false)}
        />
      )}
    </Dialog>
  );
}

/** The text of a step. A word with braces, such as `{timestamp}.{body}`, is to be typed, so it has no line break. */
function StepText({ text }: { text: string }) {
  return text.split(/(\S*[{}][^\s,]*)/).map((part, at) =>
    at % 2 === 0 ? (
      part
    ) : (
      <code key={part} className={styles.typed}>
        {part}
      </code>
    ),
  );
}

function isOfThisMachine(url: string): boolean {
  return ["localhost", "127.0.0.1", "[::1]"].includes(new URL(url).hostname);
}

function StepValue({
  value,
  account,
  secret,
}: {
  value: string;
  account: ProviderAccount;
  secret: string | null;
}) {
  if (secret === null && value.includes("{secret}")) {
    const why = account.organization_id === null ? "accounts.platformSecret" : "accounts.secretHidden";
    return <p className={styles.hidden}>{t(why)}</p>;
  }
  return (
    <Copyable
      text={value.replaceAll("{webhook_url}", account.webhook_url).replaceAll("{secret}", secret ?? "")}
    />
  );
}

/** The line at the end of the steps: no delivery yet, refused with the reason, or connected. */
function Contact({
  account: { last_delivery_at: delivered, last_refusal: refusal },
}: {
  account: ProviderAccount;
}) {
  const isRefused = refusal !== null && (delivered === null || refusal.at > delivered);
  const [look, Icon] = isRefused
    ? [styles.refused, CircleX]
    : delivered === null
      ? [styles.waiting, CircleDashed]
      : [styles.connected, CircleCheck];
  return (
    <p role="status" className={classes(styles.contact, look)}>
      <Icon size={18} aria-hidden />
      <span>
        {isRefused && (
          <>
            <b>{t("accounts.refused")}</b> <Time at={refusal.at} form="precise" />. {refusal.detail}
          </>
        )}
        {!isRefused && delivered === null && `${t("accounts.waitingLong")} ${t("accounts.wrongPath")}`}
        {!isRefused && delivered !== null && (
          <>
            <b>{t("accounts.connected")}</b> {t("accounts.lastDelivery")}:{" "}
            <Time at={delivered} form="precise" />
          </>
        )}
      </span>
    </p>
  );
}

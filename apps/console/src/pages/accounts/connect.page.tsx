import type { ProviderAccount } from "@call-ledger/contract/operations";
import { useQuery } from "@tanstack/react-query";
import { Link, useParams } from "@tanstack/react-router";
import { ArrowLeft, CircleCheck, CircleDashed, CircleX } from "lucide-react";
import { useState } from "react";
import { request } from "../../api/client.ts";
import { useChange } from "../../api/use-change.ts";
import { Button, buttonClass } from "../../components/button.tsx";
import { classes } from "../../components/classes.ts";
import { Copyable } from "../../components/copy.tsx";
import { ConfirmDialog } from "../../components/dialog.tsx";
import { Loaded } from "../../components/loaded.tsx";
import { Card, Page } from "../../components/page.tsx";
import { useProviders } from "../../components/provider-name.tsx";
import { State } from "../../components/state.tsx";
import states from "../../components/states.module.css";
import { Time } from "../../components/time.tsx";
import { useSharedValue } from "../../shared-value.ts";
import { t } from "../../text/text.ts";
import styles from "./accounts.module.css";
import { KEY, newSecret, REFRESH_MS, useAccounts } from "./accounts.query.ts";

/**
 * The steps to connect an account, with the texts to copy, and a line that turns green with the first delivery that
 * verifies.
 */
export function ConnectPage() {
  const { account: id } = useParams({ from: "/inside/operator/accounts/$account" });
  const accounts = useAccounts();
  const account = accounts.data?.data.find((one) => one.id === id);
  return (
    <Page
      title={t("accounts.connectTitle", { name: account?.name ?? t("accounts.unnamed") })}
      about={t("accounts.connectAbout")}
      actions={
        <Link to="/operator/accounts" className={buttonClass("quiet")}>
          <ArrowLeft size={15} aria-hidden />
          {t("nav.accounts")}
        </Link>
      }
    >
      <Card>
        <Loaded query={accounts}>
          {() =>
            account === undefined ? (
              <State icon={<CircleX size={18} aria-hidden />} title={t("accounts.goneTitle")}>
                <p>{t("accounts.gone")}</p>
              </State>
            ) : (
              <Steps account={account} />
            )
          }
        </Loaded>
      </Card>
    </Page>
  );
}

function Steps({ account }: { account: ProviderAccount }) {
  const providers = useProviders();
  const made = useSharedValue(newSecret);
  const secret = made?.account === account.id ? made.secret : null;
  const [isAsking, setAsking] = useState(false);
  return (
    <>
      {isOfThisMachine(account.webhook_url) && (
        <p role="note" className={states.caution}>
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
      {account.organization_id !== null && (
        <p className={styles.secretActions}>
          {secret !== null && (
            <Button look="primary" onClick={() => newSecret.set(null)}>
              {t("common.copiedIt")}
            </Button>
          )}
          <Button onClick={() => setAsking(true)}>{t("accounts.rotate")}</Button>
        </p>
      )}
      <Contact account={account} />
      {isAsking && <RotateDialog account={account} onClose={() => setAsking(false)} />}
    </>
  );
}

function RotateDialog({ account: { id, name }, onClose }: { account: ProviderAccount; onClose: () => void }) {
  const rotate = useChange(
    KEY,
    () => request("POST", "/accounts/{account}/secret", { params: { account: id }, body: {} }),
    ({ webhook_secret: secret }) => {
      newSecret.set({ account: id, secret });
      onClose();
    },
  );
  return (
    <ConfirmDialog
      title={t("accounts.rotateTitle")}
      about={t("accounts.rotateAbout", { name: name ?? t("accounts.unnamed") })}
      action={t("accounts.rotate")}
      busy={rotate.isPending}
      error={rotate.error}
      onConfirm={() => rotate.mutate()}
      onClose={onClose}
    />
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
function Contact({ account }: { account: ProviderAccount }) {
  const { last_delivery_at: delivered } = account;
  const refusal = useNewestRefusal(account);
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
        {!isRefused && delivered === null && `${t("accounts.waitingLong")} ${t("accounts.staysGray")}`}
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

/** The newest refusal of the account, or of a delivery of its provider that came to a path of no account. */
function useNewestRefusal({ provider, last_refusal: own, created_at: created }: ProviderAccount) {
  const { data: refused } = useQuery({
    queryKey: ["refused deliveries"],
    queryFn: ({ signal }) =>
      request("GET", "/deliveries", { query: { outcome: ["refused"], limit: 20 }, signal }),
    refetchInterval: REFRESH_MS,
  });
  const astray = refused?.data.find((one) => one.reason === "wrong_path" && one.provider === provider);
  if (astray === undefined || astray.at < created || (own !== null && own.at > astray.at)) return own;
  return { at: astray.at, detail: t("accounts.wrongPath") };
}

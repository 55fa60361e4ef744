import type { Call } from "@call-ledger/contract/calls";
import type { ShareLink } from "@call-ledger/contract/share-links";
import { useQuery } from "@tanstack/react-query";
import { Share2 } from "lucide-react";
import { useState } from "react";
import { request } from "../../api/client.ts";
import { useChange } from "../../api/use-change.ts";
import { Button, IconButton } from "../../components/button.tsx";
import { Copyable } from "../../components/copy.tsx";
import { ConfirmDialog, Dialog, DialogActions } from "../../components/dialog.tsx";
import { SelectField } from "../../components/form.tsx";
import { ProblemNote } from "../../components/problem.tsx";
import { Time } from "../../components/time.tsx";
import { useZone } from "../../components/zone.ts";
import { preciseDateTime } from "../../format/dates.ts";
import { counted, t } from "../../text/text.ts";
import styles from "./call.module.css";
import { callKey } from "./use-call.ts";

const HOURS = [24, 72, 168, 720] as const;

/** The button that opens the share dialog. `small`: only its icon. */
export function ShareButton({ call, small = false }: { call: Call; small?: boolean }) {
  const [isOpen, setOpen] = useState(false);
  return (
    <>
      {small ? (
        <IconButton label={t("call.share")} onClick={() => setOpen(true)}>
          <Share2 size={15} aria-hidden />
        </IconButton>
      ) : (
        <Button className={styles.share} aria-label={t("call.share")} onClick={() => setOpen(true)}>
          <Share2 size={14} aria-hidden />
          <span>{t("call.share")}</span>
        </Button>
      )}
      {isOpen && <ShareDialog call={call} onClose={() => setOpen(false)} />}
    </>
  );
}

/** Makes links that show one call to everyone who has them, and revokes existing ones. */
function ShareDialog({ call, onClose }: { call: Call; onClose: () => void }) {
  const [revoking, revoke] = useState<ShareLink>();
  const [hours, setHours] = useState<number>(72);
  const key = [...callKey(call.id), "share links"];
  const links = useQuery({
    queryKey: key,
    queryFn: ({ signal }) =>
      request("GET", "/calls/{call}/share-links", { params: { call: call.id }, signal }),
  });
  const share = useChange(key, () =>
    request("POST", "/calls/{call}/share-links", {
      params: { call: call.id },
      body: { expires_in_hours: hours },
    }),
  );
  const error = share.error ?? links.error;
  const holding = (links.data?.data ?? []).filter(
    ({ revoked_at, expires_at }) => revoked_at === null && Date.parse(expires_at) > Date.now(),
  );
  return (
    <Dialog
      title={t("call.shareTitle")}
      about={t("call.shareAbout")}
      holds={share.data !== undefined}
      onClose={onClose}
    >
      {share.data === undefined ? (
        <SelectField
          label={t("call.shareFor")}
          value={hours}
          onChange={({ target }) => setHours(Number(target.value))}
        >
          {HOURS.map((one) => (
            <option key={one} value={one}>
              {counted("call.days", one / 24)}
            </option>
          ))}
        </SelectField>
      ) : (
        <>
          <p className={styles.once}>{t("common.shownOnce")}</p>
          <Copyable text={share.data.url} autoFocus />
        </>
      )}
      {holding.length > 0 && <LinkList links={holding} onRevoke={revoke} />}
      {error !== null && <ProblemNote error={error} />}
      <DialogActions>
        {share.data === undefined ? (
          <>
            <Button onClick={onClose}>{t("common.cancel")}</Button>
            <Button look="primary" busy={share.isPending} onClick={() => share.mutate()}>
              {t("call.shareCreate")}
            </Button>
          </>
        ) : (
          <Button look="primary" onClick={onClose}>
            {t("common.copiedIt")}
          </Button>
        )}
      </DialogActions>
      {revoking !== undefined && (
        <RevokeDialog
          link={revoking}
          listKey={key}
          onDone={() => {
            if (share.data?.id === revoking.id) share.reset();
          }}
          onClose={() => revoke(undefined)}
        />
      )}
    </Dialog>
  );
}

function LinkList({ links, onRevoke }: { links: readonly ShareLink[]; onRevoke: (link: ShareLink) => void }) {
  return (
    <ul className={styles.links} aria-label={t("call.shareLinks")}>
      {links.map((link) => (
        <li key={link.id}>
          <span>
            {t("call.shareUntil")} <Time at={link.expires_at} />
            <span className={styles.made}>
              {t("call.shareMade")} <Time at={link.created_at} form="precise" />
              {link.created_by !== null && `, ${link.created_by}`}
            </span>
          </span>
          <Button look="danger" onClick={() => onRevoke(link)}>
            {t("call.revoke")}
          </Button>
        </li>
      ))}
    </ul>
  );
}

function RevokeDialog({
  link: { id, created_at: madeAt },
  listKey,
  onDone,
  onClose,
}: {
  link: ShareLink;
  listKey: readonly unknown[];
  onDone: () => void;
  onClose: () => void;
}) {
  const time = preciseDateTime(new Date(madeAt), useZone());
  const revoke = useChange(
    listKey,
    () => request("DELETE", "/share-links/{link}", { params: { link: id } }),
    () => {
      onDone();
      onClose();
    },
  );
  return (
    <ConfirmDialog
      title={t("call.revokeTitle")}
      about={t("call.revokeAbout", { time })}
      action={t("call.revokeAction")}
      busy={revoke.isPending}
      error={revoke.error}
      onConfirm={() => revoke.mutate()}
      onClose={onClose}
    />
  );
}

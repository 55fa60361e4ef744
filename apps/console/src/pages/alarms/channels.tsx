import type { AlertChannelAnswer } from "@call-ledger/contract/alerts";
import { useQuery } from "@tanstack/react-query";
import { BellRing, Plus } from "lucide-react";
import { useState } from "react";
import { request } from "../../api/client.ts";
import { useChange } from "../../api/use-change.ts";
import { Badge } from "../../components/badge.tsx";
import { Button } from "../../components/button.tsx";
import { ConfirmDialog } from "../../components/dialog.tsx";
import { Loaded } from "../../components/loaded.tsx";
import { ShownOnce } from "../../components/once.tsx";
import { Card, endCell, Table } from "../../components/page.tsx";
import { ProblemNote } from "../../components/problem.tsx";
import { State } from "../../components/state.tsx";
import { Time } from "../../components/time.tsx";
import { showToast } from "../../components/toast.tsx";
import { t, word } from "../../text/text.ts";
import type { AlarmLevel } from "./alarm-routes.ts";
import { ROUTES_OF } from "./alarm-routes.ts";
import styles from "./alarms.module.css";
import { ChannelDialog } from "./channel-dialog.tsx";
import { alarmsKey } from "./use-alarms.ts";

const REFRESH_MS = 5_000;

type Open =
  | { readonly dialog: "add" }
  | { readonly dialog: "change" | "remove"; readonly channel: AlertChannelAnswer }
  | { readonly dialog: "secret"; readonly secret: string };

export function useChannels(level: AlarmLevel, enabled: boolean) {
  return useQuery({
    queryKey: [...alarmsKey(level), "channels"],
    queryFn: ({ signal }) => request("GET", ROUTES_OF[level].channels, { signal }),
    refetchInterval: REFRESH_MS,
    enabled,
  });
}

/** The alert channels, whether each accepts messages, and a test for each. */
export function Channels({
  level,
  channels,
}: {
  level: AlarmLevel;
  channels: ReturnType<typeof useChannels>;
}) {
  const [open, setOpen] = useState<Open>();
  const close = () => setOpen(undefined);
  const saved = (secret: string | null) =>
    setOpen(secret === null ? undefined : { dialog: "secret", secret });
  return (
    <Card
      title={t("channels.title")}
      flush
      actions={
        <Button onClick={() => setOpen({ dialog: "add" })}>
          <Plus size={15} aria-hidden />
          {t("channels.add")}
        </Button>
      }
    >
      <Loaded query={channels} rows={2}>
        {({ data }) =>
          data.length === 0 ? (
            <State icon={<BellRing size={18} aria-hidden />} title={t("channels.emptyTitle")}>
              <p>{t("channels.empty")}</p>
            </State>
          ) : (
            <ChannelTable channels={data} level={level} onOpen={setOpen} />
          )
        }
      </Loaded>
      {open?.dialog === "add" && (
        <ChannelDialog channel={null} level={level} onDone={saved} onClose={close} />
      )}
      {open?.dialog === "change" && (
        <ChannelDialog channel={open.channel} level={level} onDone={saved} onClose={close} />
      )}
      {open?.dialog === "remove" && <RemoveDialog channel={open.channel} level={level} onClose={close} />}
      {open?.dialog === "secret" && (
        <ShownOnce
          title={t("channels.secretTitle")}
          about={t("channels.secretAbout")}
          secret={open.secret}
          onClose={close}
        />
      )}
    </Card>
  );
}

function ChannelTable({
  channels,
  level,
  onOpen,
}: {
  channels: readonly AlertChannelAnswer[];
  level: AlarmLevel;
  onOpen: (open: Open) => void;
}) {
  const test = useTest(level);
  return (
    <>
      {test.error !== null && <ProblemNote error={test.error} />}
      <Table
        label={t("channels.title")}
        headings={[t("channels.channel"), t("channels.state"), t("channels.lastSent"), ""]}
      >
        {channels.map((channel) => (
          <tr key={channel.id}>
            <td>
              <b>{nameOf(channel) ?? word("alertChannel", channel.kind)}</b>
              <div className={styles.scope}>
                {[nameOf(channel) === null ? null : word("alertChannel", channel.kind), channel.host]
                  .filter((part) => part !== null)
                  .join(" · ")}
              </div>
            </td>
            <td>
              <ChannelState channel={channel} />
            </td>
            <td>
              {channel.last_sent_at === null ? (
                t("channels.never")
              ) : (
                <Time at={channel.last_sent_at} form="relative" />
              )}
            </td>
            <td className={endCell}>
              <Button look="quiet" busy={test.isPending} onClick={() => test.mutate(channel)}>
                {t("channels.test")}
              </Button>
              {channel.kind !== "log" && (
                <>
                  <Button look="quiet" onClick={() => onOpen({ dialog: "change", channel })}>
                    {t("members.change")}
                  </Button>
                  <Button look="quiet" onClick={() => onOpen({ dialog: "remove", channel })}>
                    {t("common.remove")}
                  </Button>
                </>
              )}
            </td>
          </tr>
        ))}
      </Table>
    </>
  );
}

/** The name that a person gave; the log has none. */
function nameOf({ kind, name }: AlertChannelAnswer): string | null {
  return kind === "log" ? null : name;
}

function ChannelState({ channel }: { channel: AlertChannelAnswer }) {
  if (channel.failing_since === null && channel.last_error !== null) {
    return (
      <>
        <Badge tone="amber" dot>
          {t("channels.reachesSome")}
        </Badge>
        <div className={styles.scope}>{channel.last_error}</div>
      </>
    );
  }
  if (channel.failing_since === null) {
    return channel.last_sent_at === null ? (
      <Badge tone="gray">{t("channels.untried")}</Badge>
    ) : (
      <Badge tone="green" dot>
        {t("channels.works")}
      </Badge>
    );
  }
  return (
    <>
      <Badge tone="red" dot>
        {t("channels.fails")}
      </Badge>
      <div className={styles.scope}>
        {t("alarms.since")} <Time at={channel.failing_since} />: {channel.last_error}
      </div>
    </>
  );
}

function useTest(level: AlarmLevel) {
  return useChange(
    [...alarmsKey(level), "channels"],
    ({ id }: AlertChannelAnswer) => request("POST", ROUTES_OF[level].test, { params: { channel: id } }),
    () => showToast(t("channels.testSent")),
  );
}

function RemoveDialog({
  channel,
  level,
  onClose,
}: {
  channel: AlertChannelAnswer;
  level: AlarmLevel;
  onClose: () => void;
}) {
  const remove = useChange(
    alarmsKey(level),
    () => request("DELETE", ROUTES_OF[level].channel, { params: { channel: channel.id } }),
    () => {
      showToast(t("channels.removed"));
      onClose();
    },
  );
  return (
    <ConfirmDialog
      title={t("channels.removeTitle")}
      about={t("channels.removeAbout", { name: channel.name ?? channel.host ?? "" })}
      action={t("channels.removeAction")}
      busy={remove.isPending}
      error={remove.error}
      onConfirm={() => remove.mutate()}
      onClose={onClose}
    />
  );
}

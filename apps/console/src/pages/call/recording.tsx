import type { Call, CallRecording } from "@call-ledger/contract/calls";
import { useMutation, useQueryClient } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { AudioLines, TriangleAlert } from "lucide-react";
import { lazy, Suspense, useState } from "react";
import { request } from "../../api/client.ts";
import { useMay, useMe } from "../../app/session.tsx";
import { Button, buttonClass } from "../../components/button.tsx";
import { noRecordingReason } from "../../components/call-words.ts";
import { classes } from "../../components/classes.ts";
import { ProblemNote } from "../../components/problem.tsx";
import { Skeleton } from "../../components/state.tsx";
import { Time } from "../../components/time.tsx";
import { t, word } from "../../text/text.ts";
import styles from "./recording.module.css";
import { callKey } from "./use-call.ts";

const Player = lazy(async () => ({ default: (await import("./player.tsx")).Player }));

/** The order in which a channel is preferred. Separate sides sound best; the user can choose another channel. */
const PREFERRED: readonly CallRecording["channel"][] = ["stereo", "mono", "customer", "assistant"];

/** The player, or the state of the recording and its deadline. */
export function Recording({ call }: { call: Call }) {
  const { recordings = [] } = call;
  const stored = PREFERRED.flatMap(
    (channel) => recordings.find((one) => one.channel === channel && one.state === "stored") ?? [],
  );
  const [chosen, choose] = useState<CallRecording["channel"]>();
  const shown = stored.find(({ channel }) => channel === chosen) ?? stored[0];
  const missing = alike(recordings.filter(({ state }) => state !== "stored"));
  if (shown === undefined && missing.length === 0) {
    if (call.phase !== "ended") return null;
    return (
      <p className={styles.state}>
        <AudioLines size={15} aria-hidden />
        {t(noRecordingReason(call))}
      </p>
    );
  }
  return (
    <section className={styles.recording} aria-label={t("calls.recording")}>
      {shown !== undefined && (
        <Suspense fallback={<Skeleton width="100%" height={92} />}>
          <Player
            key={shown.channel}
            call={call}
            recording={shown}
            channels={stored.map(({ channel }) => channel)}
            onChannel={choose}
          />
        </Suspense>
      )}
      {missing.map((group) => (
        <MissingRecordings key={group[0].id} call={call} recordings={group} />
      ))}
    </section>
  );
}

type Alike = [CallRecording, ...CallRecording[]];

/** Groups recordings of which the same is to be said, as of the two channels of one call. */
function alike(recordings: readonly CallRecording[]): readonly Alike[] {
  const groups = new Map<string, Alike>();
  for (const one of recordings) {
    const key = JSON.stringify([one.state, one.reason, one.waits_for_host, one.deadline]);
    const group = groups.get(key);
    if (group === undefined) groups.set(key, [one]);
    else group.push(one);
  }
  return [...groups.values()];
}

/** What is said of recordings that are not stored, with the button that tries them again. */
function MissingRecordings({ call, recordings }: { call: Call; recordings: Alike }) {
  const [recording] = recordings;
  const client = useQueryClient();
  const mayRetry = useMay("calls:write");
  const { is_operator: isOperator } = useMe();
  const retry = useMutation({
    mutationFn: () =>
      Promise.all(
        recordings.map(({ id }) =>
          request("POST", "/recordings/{recording}/retry", { params: { recording: id } }),
        ),
      ),
    onSettled: () => client.invalidateQueries({ queryKey: callKey(call.id) }),
  });
  const isLost = recording.state === "failed" || recording.state === "expired";
  const Icon = isLost ? TriangleAlert : AudioLines;
  return (
    <div className={classes(styles.state, isLost && styles.lost)}>
      <Icon size={15} aria-hidden />
      <div>
        <b>
          {word("recording", recording.waits_for_host === null ? recording.state : "waiting")}
          {(call.recordings?.length ?? 0) > recordings.length &&
            ` (${recordings.map(({ channel }) => word("channel", channel)).join("; ")})`}
          .
        </b>{" "}
        {recording.waits_for_host !== null && (
          <span>{t("call.waitsForHost", { host: recording.waits_for_host })} </span>
        )}
        {recording.reason !== null && recording.waits_for_host === null && (
          <span>
            {t(isLost ? "call.recordingLost" : "call.recordingLate")}{" "}
            {t("call.recordingReason", { reason: recording.reason.replace(/\.$/, "") })}{" "}
          </span>
        )}
        {recording.deadline !== null && recording.state !== "expired" && (
          <span>
            {t(Date.parse(recording.deadline) < Date.now() ? "call.deadlinePast" : "call.deadline")}{" "}
            <Time at={recording.deadline} />.{" "}
          </span>
        )}
        {recording.state === "pending" && recording.next_attempt_at !== null && recording.attempts > 0 && (
          <span>
            {t("call.nextAttempt")} <Time at={recording.next_attempt_at} form="relative" />.
          </span>
        )}
        {retry.error !== null && <ProblemNote error={retry.error} />}
      </div>
      {recording.waits_for_host !== null && isOperator && (
        <Link
          to="/operator/accounts"
          search={{ account: call.provider_account_id, host: recording.waits_for_host }}
          className={buttonClass()}
        >
          {t("call.allowHost")}
        </Link>
      )}
      {isLost && mayRetry && (
        <Button busy={retry.isPending} onClick={() => retry.mutate()}>
          {t("common.retry")}
        </Button>
      )}
    </div>
  );
}

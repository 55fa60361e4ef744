import type { CallSummary } from "@call-ledger/contract/calls";
import type { SharedCall } from "@call-ledger/contract/share-links";
import { useQuery } from "@tanstack/react-query";
import { useParams } from "@tanstack/react-router";
import { Link2Off } from "lucide-react";
import { request } from "../../api/client.ts";
import { hasStatus } from "../../api/problem.ts";
import icon from "../../app/icon.svg";
import { CallStatus } from "../../components/call-status.tsx";
import { Front } from "../../components/front.tsx";
import { Facts, useTitle } from "../../components/page.tsx";
import { ProblemState } from "../../components/problem.tsx";
import { Skeleton, State } from "../../components/state.tsx";
import { Time } from "../../components/time.tsx";
import { ZoneContext } from "../../components/zone.ts";
import { ZoneName } from "../../components/zone-name.tsx";
import { duration, phoneNumber } from "../../format/numbers.ts";
import { t } from "../../text/text.ts";
import { AudioPlayer } from "../call/audio-player.tsx";
import { Conversation } from "../call/conversation.tsx";
import { PlaybackProvider } from "../call/playback.tsx";
import { CallerName } from "../calls/call-row.tsx";
import styles from "./shared.module.css";

/** One call, for everyone who has its link: what was said, and the recording. */
export function SharedPage() {
  const { token } = useParams({ from: "/shared/$token" });
  const { data, error, refetch } = useQuery({
    queryKey: ["shared", token],
    queryFn: ({ signal }) => request("GET", "/shared/{token}", { params: { token }, signal }),
    // Another answer has another link to the recording, for which the player would have to load it again.
    staleTime: Number.POSITIVE_INFINITY,
  });
  useTitle(t("shared.title"));
  if (data === undefined && error !== null) {
    return (
      <Front>
        <Refused error={error} onRetry={() => void refetch()} />
      </Front>
    );
  }
  return (
    <main className={styles.page}>
      {data !== undefined && (
        <ZoneContext value={data.time_zone}>
          <Shared call={data} onExpired={() => void refetch()} />
        </ZoneContext>
      )}
      {data === undefined && <Skeleton width="100%" height={240} />}
    </main>
  );
}

const SILENT: CallSummary["attention"] = ["no_caller_speech"];

/** @param onExpired called when the link to the recording, which is valid for five minutes, has expired */
function Shared({ call, onExpired }: { call: SharedCall; onExpired: () => void }) {
  const { recording } = call;
  const isExpired = () => recording !== null && Date.parse(recording.expires_at) <= Date.now();
  const conversation = call.conversation.map((utterance) => ({ ...utterance, latency_ms: null }));
  // Where something was said, somebody answered.
  const isSilent = call.outcome === "no_answer" && conversation.length > 0;
  return (
    <PlaybackProvider>
      <p className={styles.from}>
        <img src={icon} alt="" width={20} height={20} />
        {t("shared.by", { organization: call.organization_name })}
      </p>
      <header className={styles.head}>
        <h1>
          <CallerName call={call} />
        </h1>
        <CallStatus call={{ phase: "ended", outcome: call.outcome, attention: isSilent ? SILENT : [] }} />
      </header>
      <Facts
        facts={[
          [t("calls.started"), call.started_at && <Time at={call.started_at} form="precise" />],
          [
            t("call.ended"),
            call.started_at === null && call.ended_at && <Time at={call.ended_at} form="precise" />,
          ],
          [t("call.zone"), <ZoneName key="zone" zone={call.time_zone} />],
          [t("calls.duration"), call.duration_seconds === null ? null : duration(call.duration_seconds)],
          [t("calls.agent"), call.agent_name],
          [t("call.customer"), call.customer_number && phoneNumber(call.customer_number)],
          [t("shared.until"), <Time key="until" at={call.expires_at} />],
        ]}
      />
      {recording !== null && (
        <AudioPlayer
          source={recording.url}
          peaks={call.peaks}
          seconds={call.duration_seconds ?? 0}
          onFailed={() => isExpired() && onExpired()}
        />
      )}
      <h2 className="visually-hidden">{t("call.conversation")}</h2>
      <Conversation call={{ summary: call.summary, phase: "ended", conversation }} />
    </PlaybackProvider>
  );
}

function Refused({ error, onRetry }: { error: Error; onRetry: () => void }) {
  if (!hasStatus(error, 404) && !hasStatus(error, 410))
    return <ProblemState isPage error={error} onRetry={onRetry} />;
  return (
    <State isPage role="alert" icon={<Link2Off size={18} aria-hidden />} title={t("shared.goneTitle")}>
      <p>{t("shared.gone")}</p>
    </State>
  );
}

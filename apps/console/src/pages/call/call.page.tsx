import { Link, useParams } from "@tanstack/react-router";
import { ArrowLeft } from "lucide-react";
import { useMay } from "../../app/session.tsx";
import { buttonClass } from "../../components/button.tsx";
import { useTitle } from "../../components/page.tsx";
import { t } from "../../text/text.ts";
import styles from "./call.module.css";
import { CallHead, CallSkeleton } from "./call-head.tsx";
import { CallTabs } from "./call-tabs.tsx";
import { CallDetails } from "./details.tsx";
import { UnfoundCall } from "./unfound.tsx";
import { useCall } from "./use-call.ts";

/**
 * The page of a call: the conversation at the left, the details at the right. Who may not read conversations sees one
 * column.
 */
export function CallPage() {
  const { call: id } = useParams({ from: "/inside/calls/$call" });
  const { data: call, error, refetch } = useCall(id);
  const mayRead = useMay("calls:details");
  useTitle(t("call.title"));
  return (
    <div className={styles.page}>
      <Link to="/calls" className={buttonClass("quiet", styles.back)}>
        <ArrowLeft size={15} aria-hidden />
        {t("nav.calls")}
      </Link>
      {call !== undefined && (
        <>
          <CallHead call={call} isPage />
          {mayRead ? (
            <div className={styles.columns}>
              <div className={styles.main}>
                <h2 className="visually-hidden">{t("call.conversation")}</h2>
                <CallTabs call={call} isPage />
              </div>
              <div className={styles.side}>
                <h2 className="visually-hidden">{t("call.details")}</h2>
                <CallDetails call={call} />
              </div>
            </div>
          ) : (
            <div className={styles.main}>
              <h2 className="visually-hidden">{t("call.details")}</h2>
              <CallTabs call={call} isPage />
            </div>
          )}
        </>
      )}
      {call === undefined && error === null && <CallSkeleton />}
      {call === undefined && error !== null && (
        <UnfoundCall isPage id={id} error={error} onRetry={() => void refetch()} />
      )}
    </div>
  );
}

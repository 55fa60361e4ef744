import { Link } from "@tanstack/react-router";
import { Maximize2, X } from "lucide-react";
import { useEffect, useRef } from "react";
import { useMay } from "../../app/session.tsx";
import { buttonClass, IconButton } from "../../components/button.tsx";
import { t } from "../../text/text.ts";
import { focusRow } from "../calls/active-row.ts";
import { useCloseCall } from "../calls/close-call.ts";
import styles from "./call.module.css";
import { CallHead, CallSkeleton } from "./call-head.tsx";
import { CallTabs } from "./call-tabs.tsx";
import { useCovering } from "./covering.ts";
import { ShareButton } from "./share.tsx";
import { UnfoundCall } from "./unfound.tsx";
import { useCall } from "./use-call.ts";

/** A call in a sheet beside the list, which can still be used. Escape closes the sheet. */
export function CallSheet({ id }: { id: string }) {
  const { data: call, error, refetch, isPlaceholderData } = useCall(id);
  const mayShare = useMay("calls:write");
  const sheet = useRef<HTMLElement>(null);
  const body = useRef<HTMLDivElement>(null);
  const title = useRef<HTMLHeadingElement>(null);
  useEffect(() => {
    if (id !== "") body.current?.scrollTo(0, 0);
  }, [id]);
  const shown = isPlaceholderData ? undefined : call?.id;
  useEffect(() => {
    if (shown !== undefined) title.current?.focus({ preventScroll: true });
  }, [shown]);
  const close = useCloseCall();
  useCovering(sheet, close);
  useFocusOnRow(id);
  return (
    <aside ref={sheet} className={styles.sheet} aria-label={t("call.sheet")} aria-busy={isPlaceholderData}>
      <div className={styles.sheetBar}>
        {mayShare && call !== undefined && <ShareButton call={call} small />}
        <Link
          to="/calls/$call"
          params={{ call: id }}
          search={({ tab }) => ({ tab })}
          className={buttonClass("quiet", styles.square)}
          aria-label={t("call.openPage")}
          title={t("call.openPage")}
        >
          <Maximize2 size={15} aria-hidden />
        </Link>
        <IconButton label={t("common.close")} onClick={close}>
          <X size={16} aria-hidden />
        </IconButton>
      </div>
      <div className={styles.sheetBody} ref={body}>
        {call !== undefined && (
          <>
            <CallHead call={call} titleRef={title} />
            <CallTabs call={call} />
          </>
        )}
        {call === undefined && error === null && <CallSkeleton />}
        {call === undefined && error !== null && (
          <UnfoundCall id={id} error={error} onRetry={() => void refetch()} />
        )}
      </div>
    </aside>
  );
}

/** Once the sheet is closed the keyboard goes on at the row of the call that was open, or where the user has gone. */
function useFocusOnRow(id: string): void {
  const last = useRef(id);
  last.current = id;
  useEffect(
    () => () => {
      const { activeElement: focused } = document;
      if (focused === null || focused === document.body || focused.closest("[data-call]") !== null)
        focusRow(last.current);
    },
    [],
  );
}

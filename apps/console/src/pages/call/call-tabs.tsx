import type { Call } from "@call-ledger/contract/calls";
import { Tabs } from "radix-ui";
import { lazy, Suspense } from "react";
import { useMay } from "../../app/session.tsx";
import { t } from "../../text/text.ts";
import styles from "./call.module.css";
import { Conversation } from "./conversation.tsx";
import { CallDetails } from "./details.tsx";
import { PlaybackProvider } from "./playback.tsx";
import { Recording } from "./recording.tsx";

const Timeline = lazy(async () => ({ default: (await import("./timeline.tsx")).Timeline }));

/**
 * Tabs with the conversation, the details and the timeline. On the page of a call the details are at the side instead.
 */
export function CallTabs({ call, isPage = false }: { call: Call; isPage?: boolean }) {
  const mayHear = useMay("recordings:read");
  const mayRead = useMay("calls:details");
  return (
    <PlaybackProvider key={call.id}>
      {mayHear && <Recording call={call} />}
      <Tabs.Root defaultValue={mayRead || isPage ? "conversation" : "details"} className={styles.tabs}>
        <Tabs.List className={styles.tabList} aria-label={t("call.parts")}>
          {mayRead && (
            <Tabs.Trigger className={styles.tab} value="conversation">
              {t("call.conversation")}
            </Tabs.Trigger>
          )}
          {!isPage && (
            <Tabs.Trigger className={styles.tab} value="details">
              {t("call.details")}
            </Tabs.Trigger>
          )}
          {mayRead && (
            <Tabs.Trigger className={styles.tab} value="timeline">
              {t("call.timeline")}
            </Tabs.Trigger>
          )}
        </Tabs.List>
        {mayRead && (
          <Tabs.Content value="conversation">
            <Conversation call={call} />
          </Tabs.Content>
        )}
        {!isPage && (
          <Tabs.Content value="details">
            <CallDetails call={call} />
          </Tabs.Content>
        )}
        {mayRead && (
          <Tabs.Content value="timeline">
            <Suspense fallback={null}>
              <Timeline call={call} />
            </Suspense>
          </Tabs.Content>
        )}
      </Tabs.Root>
    </PlaybackProvider>
  );
}

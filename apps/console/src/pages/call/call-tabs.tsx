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
          {mayRead && <Tab value="conversation">{t("call.conversation")}</Tab>}
          {!isPage && <Tab value="details">{t("call.details")}</Tab>}
          {mayRead && <Tab value="timeline">{t("call.timeline")}</Tab>}
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

function Tab({ value, children }: { value: string; children: React.ReactNode }) {
  return (
    <Tabs.Trigger
      className={styles.tab}
      value={value}
      // Radix moves the focus itself, which would draw the outline of the keyboard after a press of the mouse too.
      onMouseDown={({ currentTarget }) => currentTarget.focus({ focusVisible: false })}
    >
      {children}
    </Tabs.Trigger>
  );
}

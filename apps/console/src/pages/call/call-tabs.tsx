import type { Call } from "@call-ledger/contract/calls";
import { Tabs } from "radix-ui";
import { lazy, Suspense } from "react";
import { useMay } from "../../app/session.tsx";
import { t } from "../../text/text.ts";
import styles from "./call.module.css";
import { Conversation, Summary } from "./conversation.tsx";
import { CallDetails } from "./details.tsx";
import { PlaybackProvider } from "./playback.tsx";
import { Recording } from "./recording.tsx";

const Timeline = lazy(async () => ({ default: (await import("./timeline.tsx")).Timeline }));

/**
 * Tabs with the conversation, the details and the timeline. On the page of a call the details are at the side instead.
 * Who may not read conversations sees the summary and the details, without tabs.
 */
export function CallTabs({ call, isPage = false }: { call: Call; isPage?: boolean }) {
  const mayHear = useMay("recordings:read");
  const mayRead = useMay("calls:details");
  return (
    <PlaybackProvider key={call.id}>
      {mayHear && <Recording call={call} />}
      {mayRead ? <Parts call={call} isPage={isPage} /> : <SummaryAndDetails call={call} />}
    </PlaybackProvider>
  );
}

function SummaryAndDetails({ call }: { call: Call }) {
  return (
    <>
      <Summary text={call.summary} />
      <CallDetails call={call} />
    </>
  );
}

function Parts({ call, isPage }: { call: Call; isPage: boolean }) {
  return (
    <Tabs.Root defaultValue="conversation" className={styles.tabs}>
      <Tabs.List className={styles.tabList} aria-label={t("call.parts")}>
        <Tab value="conversation">{t("call.conversation")}</Tab>
        {!isPage && <Tab value="details">{t("call.details")}</Tab>}
        <Tab value="timeline">{t("call.timeline")}</Tab>
      </Tabs.List>
      <Tabs.Content value="conversation">
        <Conversation call={call} />
      </Tabs.Content>
      {!isPage && (
        <Tabs.Content value="details">
          <CallDetails call={call} />
        </Tabs.Content>
      )}
      <Tabs.Content value="timeline">
        <Suspense fallback={null}>
          <Timeline call={call} />
        </Suspense>
      </Tabs.Content>
    </Tabs.Root>
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

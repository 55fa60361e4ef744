import type { Call } from "@call-ledger/contract/calls";
import { useNavigate, useSearch } from "@tanstack/react-router";
import { Tabs } from "radix-ui";
import { lazy, Suspense, useEffect, useRef } from "react";
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
  const { tab } = useSearch({ from: "/inside" });
  const navigate = useNavigate();
  const root = useRef<HTMLDivElement>(null);
  useEffect(() => {
    if (tab === undefined || root.current === null) return;
    // The link to this part may have been in the part that is hidden now.
    if (document.activeElement === document.body) activeTab(root.current)?.focus();
    activeTab(root.current)?.scrollIntoView({ block: "nearest" });
  }, [tab]);
  const names = ["conversation", ...(isPage ? [] : ["details"]), "timeline"];
  return (
    <Tabs.Root
      ref={root}
      value={tab !== undefined && names.includes(tab) ? tab : "conversation"}
      onValueChange={(next) =>
        void navigate({
          to: ".",
          search: (now) => ({ ...now, tab: next, show: undefined }),
          state: true,
          resetScroll: false,
          replace: true,
        })
      }
      className={styles.tabs}
    >
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

function activeTab(root: Element): HTMLElement | null {
  return root.querySelector('[role="tab"][aria-selected="true"]');
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

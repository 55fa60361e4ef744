import type { AlertNotice } from "@call-ledger/contract/alerts";
import type { AlarmNews } from "@call-ledger/db/alerts";
import { alarmWords, runbookOf } from "@call-ledger/domain";

/** Returns a message for programs. `queuedAt` is in milliseconds since 1970. */
export function alertNotice(news: readonly AlarmNews[], queuedAt: number): AlertNotice {
  return {
    type: news.length === 0 ? "test" : "alarms",
    timestamp: new Date(queuedAt).toISOString(),
    data: {
      alarms: news.map(({ alarmId, kind, condition, scope, figures, at, openedAt }) => ({
        id: alarmId,
        change: kind,
        at: new Date(at).toISOString(),
        condition,
        scope,
        summary: alarmWords(condition, figures),
        figures,
        runbook: runbookOf(condition),
        opened_at: new Date(openedAt).toISOString(),
      })),
    },
  };
}

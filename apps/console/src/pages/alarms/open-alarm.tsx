import type { AlarmAnswer } from "@call-ledger/contract/alerts";
import { useMutation, useQueryClient } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { BookOpen, Check, ChevronDown } from "lucide-react";
import { chooseOrganization } from "../../api/chosen-organization.ts";
import { request } from "../../api/client.ts";
import { PAGES } from "../../app/navigation.ts";
import { mayOpen, useMe } from "../../app/session.tsx";
import { ShowLink } from "../../app/shown.tsx";
import { Badge } from "../../components/badge.tsx";
import { Button, buttonClass } from "../../components/button.tsx";
import { Menu, MenuHeading, MenuItem } from "../../components/menu.tsx";
import { ProblemNote } from "../../components/problem.tsx";
import { Time } from "../../components/time.tsx";
import { showToast } from "../../components/toast.tsx";
import { span } from "../../format/dates.ts";
import { counted, t, word } from "../../text/text.ts";
import type { AlarmPlace } from "./alarm-place.ts";
import { placeOf } from "./alarm-place.ts";
import type { AlarmLevel } from "./alarm-routes.ts";
import { ROUTES_OF } from "./alarm-routes.ts";
import styles from "./alarms.module.css";
import { alarmsKey } from "./use-alarms.ts";

const MUTE_HOURS = [1, 4, 24, 168] as const;

/** An open alarm: its condition, since when, who acknowledged it, and the possible actions. */
export function OpenAlarm({
  alarm,
  level,
  mayChange,
}: {
  alarm: AlarmAnswer;
  level: AlarmLevel;
  mayChange: boolean;
}) {
  const isMuted = stateOf(alarm) === "muted";
  const change = useAlarmChange(alarm, level);
  const about = scopeText(alarm, level);
  return (
    <li className={styles.alarm}>
      <div className={styles.words}>
        <h3>
          <AlarmState alarm={alarm} />
          {word("alarm", alarm.condition)}
          {about !== null && <span className={styles.scope}>{about}</span>}
        </h3>
        <p>
          <AlarmSummary alarm={alarm} />
        </p>
        <p className={styles.meta}>
          <span>
            {t("alarms.since")} <Time at={alarm.opened_at} /> (<Time at={alarm.opened_at} form="relative" />)
          </span>
          {alarm.acknowledged_by !== null && alarm.acknowledged_at !== null && (
            <span>
              {t("alarms.acknowledgedBy", { name: alarm.acknowledged_by })}{" "}
              <Time at={alarm.acknowledged_at} />
            </span>
          )}
          {isMuted && alarm.muted_until !== null && (
            <span>
              {t("alarms.mutedUntil")} <Time at={alarm.muted_until} />
            </span>
          )}
        </p>
        {change.error !== null && <ProblemNote error={change.error} />}
      </div>
      <div className={styles.actions}>
        <ShowLink show={alarm.id} className={buttonClass("quiet")}>
          <BookOpen size={14} aria-hidden />
          {t("alarms.runbook")}
        </ShowLink>
        {mayChange && (
          <>
            {isMuted ? (
              <Button busy={change.isPending} onClick={() => change.mutate("unmute")}>
                {t("alarms.unmute")}
              </Button>
            ) : (
              <MuteMenu busy={change.isPending} onMute={change.mutate} />
            )}
            {alarm.acknowledged_at === null && (
              <Button busy={change.isPending} onClick={() => change.mutate("acknowledge")}>
                <Check size={14} aria-hidden />
                {t("alarms.acknowledge")}
              </Button>
            )}
          </>
        )}
      </div>
    </li>
  );
}

/**
 * What an alarm says. If a page shows what the sentence counts, the sentence leads there; the operator also to the page
 * of another organization than the chosen one.
 */
export function AlarmSummary({ alarm, className }: { alarm: AlarmAnswer; className?: string | undefined }) {
  const place = usePlaceOf(alarm);
  const { is_operator: isOperator } = useMe();
  const { organization_id: owner } = alarm;
  const look = className === undefined ? {} : { className };
  if (place !== undefined) {
    return (
      <Link {...place} {...look}>
        {alarm.summary}
      </Link>
    );
  }
  const there = placeOf(alarm, { is_operator: isOperator, organization: { id: owner ?? "" } });
  if (!isOperator || owner === null || there === undefined) return alarm.summary;
  return (
    // Loads the page again, so that no data of the organization that was chosen before stays on it.
    <Link {...there} {...look} reloadDocument onClick={() => chooseOrganization(owner)}>
      {alarm.summary}
    </Link>
  );
}

/** The page that shows what an alarm is about, if there is one that the signed-in person may open. */
export function usePlaceOf(alarm: AlarmAnswer): AlarmPlace | undefined {
  const me = useMe();
  const place = placeOf(alarm, me);
  return place !== undefined && mayOpen(me, PAGES[place.to]) ? place : undefined;
}

/** The object of an alarm; `null`: the organization whose alarms the page shows. */
export function scopeText({ scope, scope_name: name }: AlarmAnswer, level: AlarmLevel): string | null {
  const [kind, id] = scope.split(":");
  if (kind === "organization") return level === "organization" ? null : (name ?? id ?? null);
  if (kind === "account") return t("alarms.ofAccount", { name: name ?? id ?? "" });
  return kind === "channel" ? (name ?? id ?? null) : t("alarms.ofInstallation");
}

/** How long an alarm was open; `null`: it still is. */
export function durationOf({ opened_at: openedAt, closed_at: closedAt }: AlarmAnswer): string | null {
  return closedAt === null ? null : span((Date.parse(closedAt) - Date.parse(openedAt)) / 1_000);
}

/** Whether an open alarm sends messages, and whether somebody has acknowledged it. */
export function stateOf(alarm: AlarmAnswer): "open" | "acknowledged" | "muted" {
  const { muted_until: until, acknowledged_at: acknowledgedAt } = alarm;
  if (until !== null && Date.parse(until) > Date.now()) return "muted";
  return acknowledgedAt === null ? "open" : "acknowledged";
}

const TONES = { open: "red", acknowledged: "amber", muted: "gray" } as const;

/** Whether an open alarm sends messages, as a badge. */
export function AlarmState({ alarm }: { alarm: AlarmAnswer }) {
  const state = stateOf(alarm);
  return (
    <Badge tone={TONES[state]} dot>
      {word("alarmState", state)}
    </Badge>
  );
}

function MuteMenu({ busy, onMute }: { busy: boolean; onMute: (hours: number) => void }) {
  return (
    <Menu
      align="end"
      trigger={
        <Button busy={busy}>
          {t("alarms.mute")}
          <ChevronDown size={13} aria-hidden />
        </Button>
      }
    >
      <MenuHeading>{t("alarms.muteAbout")}</MenuHeading>
      {MUTE_HOURS.map((hours) => (
        <MenuItem key={hours} onSelect={() => onMute(hours)}>
          {hours < 24 ? counted("alarms.hours", hours) : counted("call.days", hours / 24)}
        </MenuItem>
      ))}
    </Menu>
  );
}

/** The mutation that acknowledges, unmutes, or mutes an alarm for some hours. */
function useAlarmChange({ id }: AlarmAnswer, level: AlarmLevel) {
  const client = useQueryClient();
  const routes = ROUTES_OF[level];
  const params = { alarm: id };
  return useMutation({
    mutationFn: async (change: "acknowledge" | "unmute" | number) => {
      if (change === "acknowledge") await request("POST", routes.acknowledge, { params });
      else if (change === "unmute") await request("DELETE", routes.mute, { params });
      else await request("POST", routes.mute, { params, body: { for_hours: change } });
      return change;
    },
    onSuccess: async (change) => {
      await client.invalidateQueries({ queryKey: alarmsKey(level) });
      if (change === "acknowledge") showToast(t("alarms.acknowledgedDone"));
      else showToast(t(change === "unmute" ? "alarms.unmutedDone" : "alarms.mutedDone"));
    },
    // The alarm may be over now. The list that is read again shows that.
    onError: () => client.invalidateQueries({ queryKey: alarmsKey(level) }),
  });
}

import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { Inbox, RotateCw } from "lucide-react";
import { useEffect, useState } from "react";
import { request } from "../../api/client.ts";
import { ShowLink, useShown } from "../../app/shown.tsx";
import { Badge } from "../../components/badge.tsx";
import { Button, buttonClass } from "../../components/button.tsx";
import { Loaded } from "../../components/loaded.tsx";
import { Card, endCell, Page, Table } from "../../components/page.tsx";
import { ProblemNote } from "../../components/problem.tsx";
import { State } from "../../components/state.tsx";
import { Time } from "../../components/time.tsx";
import { showToast } from "../../components/toast.tsx";
import { count, phoneNumber } from "../../format/numbers.ts";
import { counted, t, word } from "../../text/text.ts";
import styles from "./quarantine.module.css";
import type { QuarantineGroup } from "./quarantine-group.ts";
import { filterOf, keyOf } from "./quarantine-group.ts";
import { RegisterDialog } from "./register-dialog.tsx";
import { Waiting } from "./waiting.tsx";

const KEY = ["quarantine"] as const;
const REFRESH_MS = 5_000;
/** While the deliveries of an agent that was just registered are booked. */
const BOOKING_REFRESH_MS = 1_000;
const MAX_BOOKING_MS = 30_000;
const BATCH = 100;

/** Deliveries that could not be booked, in groups of the same reason, each with its remedy. */
export function QuarantinePage() {
  const client = useQueryClient();
  const [booking, setBooking] = useBooking();
  const groups = useQuery({
    queryKey: [...KEY, "groups"],
    queryFn: ({ signal }) => request("GET", "/quarantine/groups", { signal }),
    refetchInterval: booking === undefined ? REFRESH_MS : BOOKING_REFRESH_MS,
  });
  const [named, hide] = useShown();
  const shown = groups.data?.data.find((group) => keyOf(group) === named);
  const [registering, register] = useState<QuarantineGroup>();
  const replay = useReplay();
  return (
    <Page title={t("quarantine.title")} about={t("quarantine.about")}>
      {replay.error !== null && <ProblemNote error={replay.error} />}
      {replay.progress !== null && (
        <p role="status" className={styles.progress}>
          {counted("quarantine.booked", replay.progress.booked)}{" "}
          {counted("quarantine.left", replay.progress.left)}
        </p>
      )}
      <Card flush>
        <Loaded query={groups}>
          {({ data }) =>
            data.length === 0 ? (
              <State icon={<Inbox size={18} aria-hidden />} title={t("quarantine.emptyTitle")}>
                <p>{t("quarantine.empty")}</p>
              </State>
            ) : (
              <GroupTable groups={data} booking={booking} replay={replay} onRegister={register} />
            )
          }
        </Loaded>
      </Card>
      {shown !== undefined && <Waiting group={shown} onClose={hide} />}
      {registering !== undefined && (
        <RegisterDialog
          group={registering}
          onDone={() => {
            setBooking(keyOf(registering));
            register(undefined);
            void client.invalidateQueries({ queryKey: KEY });
          }}
          onClose={() => register(undefined)}
        />
      )}
    </Page>
  );
}

type GroupTableProps = {
  groups: readonly QuarantineGroup[];
  /** The key of the group that is being booked. */
  booking: string | undefined;
  replay: ReturnType<typeof useReplay>;
  onRegister: (group: QuarantineGroup) => void;
};

function GroupTable({ groups, booking, replay, onRegister }: GroupTableProps) {
  return (
    <Table
      label={t("quarantine.title")}
      headings={[
        t("quarantine.reason"),
        t("quarantine.agent"),
        { text: t("quarantine.deliveries"), end: true },
        t("quarantine.newest"),
        "",
      ]}
    >
      {groups.map((group) => (
        <tr key={keyOf(group)}>
          <td>
            <Badge tone={group.reason === "unknown_agent" ? "amber" : "red"}>
              {word("quarantine", group.reason)}
            </Badge>
          </td>
          <td>
            {group.provider_agent_id === null && group.our_number === null && "–"}
            {group.provider_agent_id !== null && <code>{group.provider_agent_id}</code>}
            {group.our_number !== null && <div>{phoneNumber(group.our_number)}</div>}
          </td>
          <td className={endCell}>
            <ShowLink show={keyOf(group)}>{count(group.deliveries)}</ShowLink>
          </td>
          <td>
            <Time at={group.newest_at} form="relative" />
          </td>
          <td className={endCell}>
            <ShowLink show={keyOf(group)} className={buttonClass("quiet")}>
              {t("quarantine.show")}
            </ShowLink>
            {keyOf(group) === booking ? (
              <span role="status">{t("quarantine.booking")}</span>
            ) : group.reason === "unknown_agent" && group.provider_agent_id !== null ? (
              <Button look="primary" onClick={() => onRegister(group)}>
                {t("quarantine.register")}
              </Button>
            ) : group.reason === "unknown_agent" && group.our_number !== null ? (
              <Link
                to="/agents"
                search={{ number: group.our_number }}
                className={buttonClass()}
                title={t("quarantine.numberAbout")}
              >
                {t("quarantine.number")}
              </Link>
            ) : (
              <Button busy={replay.isRunning} onClick={() => void replay.run(group)}>
                <RotateCw size={13} aria-hidden />
                {t("quarantine.replay")}
              </Button>
            )}
          </td>
        </tr>
      ))}
    </Table>
  );
}

/** The key of the group whose agent was just registered, for as long as its booking may take. */
function useBooking() {
  const [booking, setBooking] = useState<string>();
  useEffect(() => {
    if (booking === undefined) return undefined;
    const timer = setTimeout(() => setBooking(undefined), MAX_BOOKING_MS);
    return () => clearTimeout(timer);
  }, [booking]);
  return [booking, setBooking] as const;
}

type Progress = { readonly booked: number; readonly left: number };

/** Replays quarantined deliveries, some at a time, until no more of them can be booked. */
function useReplay() {
  const client = useQueryClient();
  const [progress, setProgress] = useState<Progress | null>(null);
  const replay = useMutation({
    mutationFn: async (group: QuarantineGroup) => {
      const { account, ...filter } = filterOf(group);
      let booked = 0;
      for (;;) {
        const result = await request("POST", "/quarantine/replay", {
          body: { ...filter, account_id: account, limit: BATCH },
        });
        booked += result.booked;
        setProgress({ booked, left: result.left });
        if (result.booked === 0 || result.left === 0) return { booked, left: result.left };
      }
    },
    // The button can be far below the line with the progress.
    onSuccess: ({ booked, left }) =>
      showToast(`${counted("quarantine.booked", booked)} ${counted("quarantine.left", left)}`),
    onSettled: () => client.invalidateQueries({ queryKey: KEY }),
  });
  return { progress, error: replay.error, isRunning: replay.isPending, run: replay.mutateAsync };
}

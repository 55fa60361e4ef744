import type { InstallationRecording, RecordingState } from "@call-ledger/contract/installation-recordings";
import { useQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { request } from "../../api/client.ts";
import { ShowLink, useShown } from "../../app/shown.tsx";
import { ListDialog } from "../../components/list-dialog.tsx";
import { Card, Facts, lineCell, Table } from "../../components/page.tsx";
import { Time } from "../../components/time.tsx";
import { count } from "../../format/numbers.ts";
import { t, word } from "../../text/text.ts";
import styles from "./health.module.css";

/** The states of recordings that keep the service from being well. */
const BAD: readonly string[] = ["waiting", "failed", "expired"];

/** The numbers of recordings by state. Each opens its recordings; 0 opens nothing. */
export function RecordingsCard({ counts }: { counts: Readonly<Record<RecordingState, number | null>> }) {
  const [named, hide] = useShown();
  const states = Object.keys(counts) as RecordingState[];
  const shown = states.find((state) => state === named);
  return (
    <Card title={t("health.recordings")}>
      <Facts
        facts={states.map((state) => {
          const number = counts[state];
          if (number === null || number === 0)
            return [word("recordings", state), number === null ? null : "0"];
          return [
            word("recordings", state),
            <ShowLink key={state} show={state} className={BAD.includes(state) ? styles.bad : undefined}>
              {count(number)}
            </ShowLink>,
          ];
        })}
      />
      {shown !== undefined && <RecordingsDialog state={shown} onClose={hide} />}
    </Card>
  );
}

function RecordingsDialog({ state, onClose }: { state: RecordingState; onClose: () => void }) {
  const organizations = useQuery({
    queryKey: ["organizations"],
    queryFn: ({ signal }) => request("GET", "/organizations", { signal }),
  });
  const names = new Map(organizations.data?.data.map(({ id, name }) => [id, name]));
  const title = `${t("health.recordings")}: ${word("recordings", state)}`;
  return (
    <ListDialog
      title={title}
      listKey={["installation recordings", state]}
      ask={({ cursor, signal }) =>
        request("GET", "/installation/recordings", { query: { state, cursor, limit: 50 }, signal })
      }
      onClose={onClose}
    >
      {(recordings) => (
        <Table
          label={title}
          headings={[t("quarantine.organization"), t("deliveries.call"), t("call.channel"), t("health.why")]}
        >
          {recordings.map((recording) => (
            <Row
              key={recording.id}
              recording={recording}
              organization={names.get(recording.organization_id) ?? recording.organization_id}
            />
          ))}
        </Table>
      )}
    </ListDialog>
  );
}

function Row({ recording, organization }: { recording: InstallationRecording; organization: string }) {
  const { call_id: call, channel, reason, deadline } = recording;
  return (
    <tr>
      <td>{organization}</td>
      <td className={lineCell}>
        <Link to="/calls/$call" params={{ call }} title={call}>
          <code>{call.slice(0, 13)}…</code>
        </Link>
      </td>
      <td className={lineCell}>{word("channel", channel)}</td>
      <td>
        {reason ?? "–"}
        {deadline !== null && (
          <div>
            {t(Date.parse(deadline) < Date.now() ? "call.deadlinePast" : "call.deadline")}{" "}
            <Time at={deadline} />
          </div>
        )}
      </td>
    </tr>
  );
}

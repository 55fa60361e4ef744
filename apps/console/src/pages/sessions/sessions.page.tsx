import type { Session } from "@call-ledger/contract/people";
import { useQuery } from "@tanstack/react-query";
import { useState } from "react";
import { request } from "../../api/client.ts";
import { useChange } from "../../api/use-change.ts";
import { Badge } from "../../components/badge.tsx";
import { Button } from "../../components/button.tsx";
import { ConfirmDialog } from "../../components/dialog.tsx";
import { Loaded } from "../../components/loaded.tsx";
import { Card, endCell, Page, Table } from "../../components/page.tsx";
import { Time } from "../../components/time.tsx";
import { showToast } from "../../components/toast.tsx";
import { t } from "../../text/text.ts";
import { browserIn } from "./browser-name.ts";

const KEY = ["sessions"] as const;

/** The user's sessions, each with a way to end it. */
export function SessionsPage() {
  const sessions = useQuery({
    queryKey: KEY,
    queryFn: ({ signal }) => request("GET", "/sessions", { signal }),
  });
  const [ending, setEnding] = useState<Session>();
  return (
    <Page title={t("sessions.title")} about={t("sessions.about")}>
      <Card flush>
        <Loaded query={sessions} rows={3}>
          {({ data }) => (
            <Table
              label={t("sessions.title")}
              headings={[
                t("sessions.browser"),
                t("sessions.began"),
                t("sessions.used"),
                t("sessions.expires"),
                "",
              ]}
            >
              {data.map((session) => (
                <tr key={session.id}>
                  <td>
                    {session.user_agent === null ? t("common.unknown") : browserIn(session.user_agent)}{" "}
                    {session.is_this_one && <Badge tone="green">{t("sessions.thisOne")}</Badge>}
                  </td>
                  <td>
                    <Time at={session.created_at} />
                  </td>
                  <td>
                    <Time at={session.last_used_at} form="relative" />
                  </td>
                  <td>
                    <Time at={session.expires_at} />
                  </td>
                  <td className={endCell}>
                    <Button look="danger" onClick={() => setEnding(session)}>
                      {t("sessions.end")}
                    </Button>
                  </td>
                </tr>
              ))}
            </Table>
          )}
        </Loaded>
      </Card>
      {ending !== undefined && <EndSession session={ending} onClose={() => setEnding(undefined)} />}
    </Page>
  );
}

function EndSession({ session, onClose }: { session: Session; onClose: () => void }) {
  const end = useChange(
    [],
    () => request("DELETE", "/sessions/{session}", { params: { session: session.id } }),
    () => {
      showToast(t("sessions.ended"));
      onClose();
    },
  );
  const browser = session.user_agent === null ? t("common.unknown") : browserIn(session.user_agent);
  return (
    <ConfirmDialog
      title={t("sessions.endTitle")}
      about={session.is_this_one ? t("sessions.endThis") : t("sessions.endOther", { browser })}
      action={t("sessions.end")}
      busy={end.isPending}
      error={end.error}
      onConfirm={() => end.mutate()}
      onClose={onClose}
    />
  );
}

import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { chosenOrganization } from "../../api/chosen-organization.ts";
import type { Answer } from "../../api/client.ts";
import { request } from "../../api/client.ts";
import { ME_KEY, useMay } from "../../app/session.tsx";
import { Button } from "../../components/button.tsx";
import { TextField } from "../../components/form.tsx";
import { faultOf, textIn } from "../../components/form-dialog.tsx";
import { Loaded } from "../../components/loaded.tsx";
import { Card, Facts, Page } from "../../components/page.tsx";
import { ProblemNote } from "../../components/problem.tsx";
import { Time } from "../../components/time.tsx";
import { showToast } from "../../components/toast.tsx";
import { ZoneField } from "../../components/zone-field.tsx";
import { counted, t } from "../../text/text.ts";
import styles from "./organization.module.css";

type Retention = Answer<"GET", "/organization">["retention"];
type Settings = { name: string; time_zone: string };

/** The organization's name and its time zone, in which all its members read times. */
export function OrganizationPage() {
  const client = useQueryClient();
  const mayChange = useMay("members:write");
  const key = ["organization", chosenOrganization()];
  const organization = useQuery({
    queryKey: key,
    queryFn: ({ signal }) => request("GET", "/organization", { signal }),
  });
  const save = useMutation({
    mutationFn: (body: Settings) => request("PATCH", "/organization", { body }),
    onSuccess: async () => {
      await Promise.all([
        client.invalidateQueries({ queryKey: key }),
        client.invalidateQueries({ queryKey: ME_KEY }),
      ]);
      showToast(t("common.saved"));
    },
  });
  return (
    <Page title={t("organization.title")} about={t("organization.about")}>
      <Card>
        <Loaded query={organization}>
          {({ name, time_zone, created_at }) =>
            mayChange ? (
              <form
                className={styles.form}
                onSubmit={(event) => {
                  event.preventDefault();
                  const form = new FormData(event.currentTarget);
                  save.mutate({
                    name: textIn(form, "name") ?? "",
                    time_zone: textIn(form, "time_zone") ?? "UTC",
                  });
                }}
              >
                <TextField
                  label={t("organization.name")}
                  name="name"
                  required
                  defaultValue={name}
                  fault={faultOf(save.error, "name")}
                />
                <ZoneField zone={time_zone} fault={faultOf(save.error, "time_zone")} />
                {save.error !== null && <ProblemNote error={save.error} />}
                <Button type="submit" look="primary" busy={save.isPending}>
                  {t("common.save")}
                </Button>
              </form>
            ) : (
              <Facts
                facts={[
                  [t("organization.name"), name],
                  [t("organization.zone"), time_zone],
                  [t("organization.since"), <Time key="since" at={created_at} />],
                ]}
              />
            )
          }
        </Loaded>
      </Card>
      {organization.data !== undefined && <Kept retention={organization.data.retention} />}
    </Page>
  );
}

/** How long the service keeps what. */
function Kept({ retention: { payload_days, event_days } }: { retention: Retention }) {
  return (
    <Card title={t("organization.retention")}>
      <Facts
        facts={[
          [t("organization.calls"), t("organization.withoutEnd")],
          [t("organization.payloads"), counted("call.days", payload_days)],
          [t("organization.events"), counted("call.days", event_days)],
        ]}
      />
      <p className={styles.hint}>{t("organization.retentionAbout")}</p>
    </Card>
  );
}

import { useQuery } from "@tanstack/react-query";
import { Plus } from "lucide-react";
import { useState } from "react";
import { chooseOrganization, chosenOrganization } from "../../api/chosen-organization.ts";
import { request } from "../../api/client.ts";
import { useChange } from "../../api/use-change.ts";
import { Badge } from "../../components/badge.tsx";
import { Button } from "../../components/button.tsx";
import { TextField } from "../../components/form.tsx";
import { FormDialog, faultOf, textIn } from "../../components/form-dialog.tsx";
import { Loaded } from "../../components/loaded.tsx";
import { Card, endCell, Page, Table } from "../../components/page.tsx";
import { Time } from "../../components/time.tsx";
import { ZoneField } from "../../components/zone-field.tsx";
import { ZoneName } from "../../components/zone-name.tsx";
import { t } from "../../text/text.ts";

const KEY = ["organizations"] as const;

/** All organizations of the installation. The operator chooses one of them at a time. */
export function OrganizationsPage() {
  const organizations = useQuery({
    queryKey: KEY,
    queryFn: ({ signal }) => request("GET", "/organizations", { signal }),
  });
  const [isCreating, setCreating] = useState(false);
  return (
    <Page
      title={t("organizations.title")}
      about={t("organizations.about")}
      actions={
        <Button look="primary" onClick={() => setCreating(true)}>
          <Plus size={15} aria-hidden />
          {t("organizations.create")}
        </Button>
      }
    >
      <Card flush>
        <Loaded query={organizations}>
          {({ data }) => (
            <Table
              label={t("organizations.title")}
              headings={[t("organization.name"), t("organization.zone"), t("organization.since"), ""]}
            >
              {data.map(({ id, name, time_zone, created_at }) => (
                <tr key={id}>
                  <td>
                    <b>{name}</b>
                  </td>
                  <td>
                    <ZoneName zone={time_zone} />
                  </td>
                  <td>
                    <Time at={created_at} />
                  </td>
                  <td className={endCell}>
                    {id === chosenOrganization() ? (
                      <Badge tone="green">{t("organizations.chosen")}</Badge>
                    ) : (
                      <Button
                        onClick={() => {
                          chooseOrganization(id);
                          location.assign("/calls");
                        }}
                      >
                        {t("organizations.choose")}
                      </Button>
                    )}
                  </td>
                </tr>
              ))}
            </Table>
          )}
        </Loaded>
      </Card>
      {isCreating && <CreateDialog onClose={() => setCreating(false)} />}
    </Page>
  );
}

function CreateDialog({ onClose }: { onClose: () => void }) {
  const create = useChange(
    KEY,
    (body: { name: string; time_zone: string }) => request("POST", "/organizations", { body }),
    onClose,
  );
  return (
    <FormDialog
      title={t("organizations.create")}
      action={t("organizations.createAction")}
      mutation={create}
      variables={(form) => ({
        name: textIn(form, "name") ?? "",
        time_zone: textIn(form, "time_zone") ?? "UTC",
      })}
      onClose={onClose}
    >
      <TextField
        label={t("organization.name")}
        name="name"
        required
        autoFocus
        fault={faultOf(create.error, "name")}
      />
      <ZoneField
        zone={Intl.DateTimeFormat().resolvedOptions().timeZone}
        fault={faultOf(create.error, "time_zone")}
      />
    </FormDialog>
  );
}

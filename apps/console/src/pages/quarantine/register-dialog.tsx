import { useMutation, useQuery } from "@tanstack/react-query";
import { request } from "../../api/client.ts";
import { SelectField, TextField } from "../../components/form.tsx";
import { FormDialog, faultOf, textIn } from "../../components/form-dialog.tsx";
import { Loaded } from "../../components/loaded.tsx";
import { showToast } from "../../components/toast.tsx";
import { counted, t } from "../../text/text.ts";
import type { QuarantineGroup } from "./quarantine-group.ts";
import { filterOf } from "./quarantine-group.ts";

/** Registers the agent of a group for an organization. The group's deliveries are then booked. */
export function RegisterDialog({
  group,
  onDone,
  onClose,
}: {
  group: QuarantineGroup;
  onDone: () => void;
  onClose: () => void;
}) {
  const organizations = useQuery({
    queryKey: ["organizations"],
    queryFn: ({ signal }) => request("GET", "/organizations", { signal }),
  });
  const register = useMutation({
    mutationFn: async (body: { organization_id: string; name: string | null }) => {
      const { data } = await request("GET", "/quarantine", { query: { ...filterOf(group), limit: 1 } });
      const [delivery] = data;
      // All deliveries of the group were booked meanwhile.
      if (delivery === undefined) return;
      await request("POST", "/quarantine/{delivery}/agent", { params: { delivery: delivery.id }, body });
    },
    onSuccess: () => {
      showToast(t("quarantine.registered"));
      onDone();
    },
  });
  return (
    <FormDialog
      title={t("quarantine.register")}
      about={
        <>
          <code>{group.provider_agent_id}</code>. {counted("quarantine.registerAbout", group.deliveries)}
        </>
      }
      action={t("quarantine.registerAction")}
      mutation={register}
      variables={(form) => ({
        organization_id: textIn(form, "organization_id") ?? "",
        name: textIn(form, "name"),
      })}
      onClose={onClose}
    >
      <Loaded query={organizations} rows={1}>
        {({ data }) => (
          <SelectField
            label={t("quarantine.organization")}
            name="organization_id"
            required
            fault={faultOf(register.error, "organization_id")}
          >
            {data.map(({ id, name }) => (
              <option key={id} value={id}>
                {name}
              </option>
            ))}
          </SelectField>
        )}
      </Loaded>
      <TextField label={t("agents.name")} name="name" hint={t("agents.nameHint")} />
    </FormDialog>
  );
}

import { t } from "../text/text.ts";
import { SelectField } from "./form.tsx";

/** The field `time_zone` of an organization. `zone` is chosen at first. */
export function ZoneField({ zone, fault }: { zone: string; fault: string | undefined }) {
  return (
    <SelectField
      label={t("organization.zone")}
      name="time_zone"
      defaultValue={zone}
      hint={t("organization.zoneHint")}
      fault={fault}
    >
      {zonesWith(zone).map((one) => (
        <option key={one}>{one}</option>
      ))}
    </SelectField>
  );
}

/** The time zones that the browser knows, and the organization's own. */
function zonesWith(zone: string): string[] {
  return [...new Set(["UTC", zone, ...Intl.supportedValuesOf("timeZone")])].sort();
}

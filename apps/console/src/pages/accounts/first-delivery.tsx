import type { ProviderAccount } from "@call-ledger/contract/operations";
import { Badge } from "../../components/badge.tsx";
import { Time } from "../../components/time.tsx";
import { t } from "../../text/text.ts";

/** Whether deliveries of an account come and verify, and why the last one did not. */
export function FirstDelivery({ account }: { account: ProviderAccount }) {
  const { last_delivery_at: delivered, last_refusal: refusal } = account;
  if (refusal !== null && (delivered === null || refusal.at > delivered)) {
    return (
      <Badge tone="red" dot plain title={refusal.detail}>
        {t("accounts.refused")} <Time at={refusal.at} form="relative" />
      </Badge>
    );
  }
  if (delivered === null) {
    return (
      <Badge tone="gray" dot plain>
        {t("accounts.waiting")}
      </Badge>
    );
  }
  return (
    <Badge tone="green" dot plain>
      <Time at={delivered} form="relative" />
    </Badge>
  );
}

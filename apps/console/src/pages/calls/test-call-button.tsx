import { useMutation } from "@tanstack/react-query";
import { PhoneCall } from "lucide-react";
import { request } from "../../api/client.ts";
import { useMay, useMe } from "../../app/session.tsx";
import { Button } from "../../components/button.tsx";
import { ProblemNote } from "../../components/problem.tsx";
import { showToast } from "../../components/toast.tsx";
import { t } from "../../text/text.ts";

/** A button that starts a simulated call. It exists only in development. */
export function TestCallButton({ primary = false }: { primary?: boolean }) {
  const { can_send_test_calls } = useMe();
  const mayWrite = useMay("calls:write");
  const send = useMutation({
    mutationFn: () => request("POST", "/test-calls"),
    onSuccess: ({ lasts_seconds }) => showToast(t("calls.testSent", { seconds: lasts_seconds })),
  });
  if (!can_send_test_calls || !mayWrite) return null;
  return (
    <>
      <Button look={primary ? "primary" : "plain"} busy={send.isPending} onClick={() => send.mutate()}>
        <PhoneCall size={14} aria-hidden />
        {t("calls.sendTest")}
      </Button>
      {send.error !== null && <ProblemNote error={send.error} />}
    </>
  );
}

import { describe, expect, it } from "vitest";
import { vapiMessage } from "../../test/messages.ts";
import { readVapi } from "./read.ts";

function forwardedTo(messages: readonly object[], fields: Readonly<Record<string, unknown>> = {}) {
  const read = readVapi(
    vapiMessage("end-of-call-report", {
      endedReason: "assistant-forwarded-call",
      artifact: { messages: [{ role: "bot", message: "One moment." }, ...messages] },
      ...fields,
    }),
  );
  const event = read.reads === "call" ? read.events[0] : undefined;
  return event?.kind === "call.reported" ? event.report.forwardedTo : "no report";
}

const asked = (name: string, destination: unknown) => ({
  role: "tool_calls",
  toolCalls: [{ id: "a", function: { name, arguments: JSON.stringify({ destination }) } }],
});

describe("the destination of a transfer that only a tool call names", () => {
  it.each([
    [asked("transferCall", "+12025550188")],
    [
      {
        role: "assistant",
        tool_calls: [{ function: { name: "transfer_call_2", arguments: { destination: "+12025550188" } } }],
      },
    ],
    [{ role: "function_call", name: "transferCall", args: { destination: "+12025550188" } }],
  ])("is read: %j", (message) => {
    expect(forwardedTo([message])).toBe("+12025550188");
  });

  it("is the last one, and may be a SIP address", () => {
    const messages = [asked("transferCall", "+12025550188"), asked("transferCall", "sip:desk@pbx.test")];
    expect(forwardedTo(messages)).toBe("sip:desk@pbx.test");
    expect(forwardedTo([...messages, asked("transferCall", "Dispatch")])).toBe("sip:desk@pbx.test");
  });

  it.each([
    ["an assistant", [asked("transferCall", "Dispatch")], {}],
    ["another tool", [asked("bookVisit", "+12025550188")], {}],
    ["no object", [asked("transferCall", { to: "+1" }), { role: "tool_calls", toolCalls: ["x"] }], {}],
    [
      "a call that was not put through",
      [asked("transferCall", "+12025550188")],
      { endedReason: "voicemail" },
    ],
  ])("is nobody's for %s", (_what, messages, fields) => {
    expect(forwardedTo(messages, fields)).toBeNull();
  });

  it("gives way to the report's own destination", () => {
    const destination = { type: "number", number: "+12025550177" };
    expect(forwardedTo([asked("transferCall", "+12025550188")], { destination })).toBe("+12025550177");
  });
});

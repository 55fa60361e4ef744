import { CHANNELS } from "@call-ledger/domain";
import { z } from "zod";
import { idSchema, instantSchema, pageOf, pageQuery } from "./values.contract.ts";

export const installationRecordingsQuery = z.object({
  state: z
    .enum(["pending", "waiting", "fetching", "stored", "failed", "expired"])
    .describe("A state of `recordings` in the health report. `waiting`: its host has to be allowed first."),
  ...pageQuery,
});

/** Recordings of all organizations, by organization and call. */
export const installationRecordingPageSchema = pageOf(
  z
    .object({
      id: idSchema,
      organization_id: idSchema,
      call_id: idSchema,
      channel: z.enum(CHANNELS),
      reason: z.string().nullable().describe("Why the last try failed, or the host that has to be allowed."),
      deadline: instantSchema.nullable().describe("When the provider deletes its copy."),
    })
    .meta({ id: "InstallationRecording" }),
);

export type RecordingState = z.output<typeof installationRecordingsQuery>["state"];
export type InstallationRecording = z.output<typeof installationRecordingPageSchema>["data"][number];

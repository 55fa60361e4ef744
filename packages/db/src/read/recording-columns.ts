import { recordingUploadQueue } from "../schema/recordings.table.ts";

/** The columns of a recording for people who follow its state. */
export const recordingColumns = {
  id: recordingUploadQueue.id,
  channel: recordingUploadQueue.channel,
  state: recordingUploadQueue.status,
  reason: recordingUploadQueue.lastError,
  deadline: recordingUploadQueue.deadline,
  waitsForHost: recordingUploadQueue.waitsForHost,
  attempts: recordingUploadQueue.attempts,
  nextAttemptAt: recordingUploadQueue.nextAttemptAt,
  sizeBytes: recordingUploadQueue.sizeBytes,
  finishedAt: recordingUploadQueue.finishedAt,
  peaksPath: recordingUploadQueue.peaksPath,
} as const;

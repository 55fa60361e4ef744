import { isMainThread, parentPort } from "node:worker_threads";
import { READY } from "@call-ledger/process/thread";
import type { CallQuestion } from "./call-answer.ts";
import { callAnswer } from "./call-answer.ts";

/*
 * The thread that makes answers with large calls: a program of its own, which the build puts beside the api. It awaits
 * nothing, so the answers come in the order of the questions.
 */

if (!isMainThread) {
  parentPort?.on("message", (question: CallQuestion) => parentPort?.postMessage(callAnswer(question)));
  parentPort?.postMessage(READY);
}

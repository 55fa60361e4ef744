import { stopRequest } from "@call-ledger/process/stop";

// A signal must not end a command without a line, so this listens before the program is loaded. A second signal does
// not end the command sooner: it ends within five seconds.
const request = stopRequest({ hangUp: true, again: () => undefined });
const { runProgram } = await import("./run-program.ts");
await runProgram(request);

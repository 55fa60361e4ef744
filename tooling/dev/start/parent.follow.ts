import { onParentGone } from "./parent.watch.ts";

// Preloaded into the api, because the api's entry is that of production, which only a signal may stop.
onParentGone(() => process.kill(process.pid, "SIGTERM"));

import { onParentGone } from "./parent.watch.ts";

// Preloaded into the api: its entry is the one of production, where nobody may stop it but a signal.
onParentGone(() => process.kill(process.pid, "SIGTERM"));

#!/usr/bin/env bash
# Plants one violation of each import rule and sees it caught by name; a rule that nothing breaks is not a rule.
# Prints a line a probe, and fails if one is missed, if a rule has no probe, or if the clean tree is not clean.
set -u
cd "$(dirname "$0")/../.." || exit 2
passed=0
failed=0
probed=""

cruise() { node_modules/.bin/depcruise --config .dependency-cruiser.cjs packages/*/src apps/*/src --output-type err 2>&1; }
verdict() { # NAME OK FOUND
  if [ "$2" = yes ]; then passed=$((passed + 1)); echo "ok    $1"
  else failed=$((failed + 1)); echo "MISS  $1: $3"; fi
}
planted=""
cleanup() { [ -n "$planted" ] && rm -f "$planted"; rmdir packages/providers/src/other 2>/dev/null; }
trap cleanup EXIT
probe() { # RULE FILE SOURCE
  planted=$2
  probed="$probed $1"
  printf '%s\n' "$3" > "$planted"
  found=$(cruise | grep -oE 'error [a-z-]+:' | sed 's/error //; s/://' | sort -u | tr '\n' ' ')
  rm -f "$planted"
  case " $found" in *" $1 "*) verdict "$1" yes "" ;; *) verdict "$1" no "caught instead: ${found:-nothing}" ;; esac
}

clean=$(cruise)
case "$clean" in
  *"no dependency violations found"*) verdict "the clean tree" yes "" ;;
  *) verdict "the clean tree" no "$clean" ;;
esac
modules=$(printf '%s' "$clean" | grep -oE '[0-9]+ modules' | grep -oE '[0-9]+')
if [ "${modules:-0}" -gt 80 ]; then verdict "the cruiser reads the tree ($modules modules)" yes ""
else verdict "the cruiser reads the tree" no "${modules:-0} modules"; fi

probe not-to-unresolvable apps/api/src/http/probe.planted.ts 'import x from "no-such-package"; export { x };'
probe no-circular packages/domain/src/call/probe.planted.ts 'import * as self from "./probe.planted.ts"; export const names = Object.keys(self);'
probe production-never-imports-tests packages/domain/src/call/probe.planted.ts 'import { callEvent } from "../testing/call-stories.ts"; export { callEvent };'
probe packages-never-import-apps packages/db/src/probe.planted.ts 'import { createApp } from "../../../apps/api/src/http/app.ts"; export { createApp };'
probe one-app-never-imports-another apps/ops/src/probe.planted.ts 'import { createApp } from "../../api/src/http/app.ts"; export { createApp };'
probe domain-imports-nothing packages/domain/src/call/probe.planted.ts 'import { createHash } from "node:crypto"; export { createHash };'
probe providers-import-domain-zod-crypto packages/providers/src/vapi/probe.planted.ts 'import { readFileSync } from "node:fs"; export { readFileSync };'
mkdir -p packages/providers/src/other
probe one-provider-never-imports-another packages/providers/src/other/probe.planted.ts 'import { readVapi } from "../vapi/read.ts"; export { readVapi };'
probe config-imports-zod-only packages/config/src/probe.planted.ts 'import { summarize } from "../../domain/src/index.ts"; export { summarize };'
probe credentials-import-crypto-only packages/credentials/src/probe.planted.ts 'import { readFileSync } from "node:fs"; export { readFileSync };'
probe db-imports-domain-and-drivers packages/db/src/write/probe.planted.ts 'import { vapi } from "../../../providers/src/index.ts"; export { vapi };'
probe db-write-path-never-imports-drizzle packages/db/src/write/probe.planted.ts 'import { sql } from "drizzle-orm"; export { sql };'
probe simulator-imports-domain-providers-crypto packages/simulator/src/probe.planted.ts 'import { openPool } from "../../db/src/client/index.ts"; export { openPool };'
probe jobs-import-domain-providers-db packages/jobs/src/loop/probe.planted.ts 'import { loadConfig } from "../../../config/src/index.ts"; export { loadConfig };'
probe only-db-speaks-sql packages/providers/src/vapi/probe.planted.ts 'import postgres from "../../../db/node_modules/postgres/src/index.js"; export { postgres };'
probe only-http-speaks-express apps/api/src/start/probe.planted.ts 'import express from "express"; export { express };'
probe only-metrics-speaks-prometheus apps/api/src/http/probe.planted.ts 'import { Counter } from "prom-client"; export { Counter };'
probe only-tracing-speaks-opentelemetry apps/api/src/http/probe.planted.ts 'import { trace } from "@opentelemetry/api"; export { trace };'
probe only-start-wires apps/api/src/http/probe.planted.ts 'import { openPool } from "@call-ledger/db/client"; export { openPool };'
probe ingest-takes-ports-not-db apps/api/src/ingest/probe.planted.ts 'import { bookDeliveries } from "@call-ledger/db/write"; export { bookDeliveries };'
probe ingest-knows-no-transport apps/api/src/ingest/probe.planted.ts 'import { createApp } from "../http/app.ts"; export { createApp };'

for rule in $(node -p 'require("./.dependency-cruiser.cjs").forbidden.map((rule) => rule.name).join(" ")'); do
  case " $probed " in *" $rule "*) ;; *) verdict "a probe for $rule" no "there is none" ;; esac
done

echo "$passed passed, $failed failed"
[ "$failed" -eq 0 ]

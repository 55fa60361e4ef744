/** Who may import whom: the table of rooms in ARCHITECTURE.md. Each rule has a probe in tooling/probes that breaks it. */
const tests = "(\\.test\\.ts$|/test/|^tests/|/src/testing/|^packages/testkit/)";
const own = (name) => `^packages/${name}/src/`;
const npm = (...names) => `(^|/)node_modules/(\\.pnpm/)?(${names.join("|")})(@|/)`;
const builtin = (...names) => `^(node:)?(${names.join("|")})(/promises)?$`;
const rule = (name, from, to) => ({ name, severity: "error", from, to });
/** A package may import itself and what stands in `allowed`, nothing else. */
const room = (name, ...allowed) =>
  rule(
    `${name}-imports-only-its-own`,
    { path: own(name), pathNot: tests },
    { pathNot: [own(name), ...allowed] },
  );
const drivers = npm("postgres", "drizzle-orm");

module.exports = {
  forbidden: [
    rule("not-to-unresolvable", {}, { couldNotResolve: true }),
    rule("no-circular", {}, { circular: true }),
    rule("production-never-imports-tests", { path: "^(apps|packages)/", pathNot: tests }, { path: tests }),
    rule("packages-never-import-apps", { path: "^packages/" }, { path: "^apps/" }),
    rule(
      "one-app-never-imports-another",
      { path: "^apps/([^/]+)/" },
      { path: "^apps/[^/]+/", pathNot: "^apps/$1/" },
    ),
    room("domain"),
    room("providers", own("domain"), npm("zod"), builtin("crypto")),
    rule(
      "one-provider-never-imports-another",
      { path: `${own("providers")}([^/]+)/`, pathNot: tests },
      {
        path: `${own("providers")}[^/]+/`,
        pathNot: [`${own("providers")}$1/`, `${own("providers")}common/`],
      },
    ),
    rule(
      "only-the-registry-imports-a-provider",
      {
        path: "^(apps|packages|tooling)/",
        // Inside of a folder of packages/providers the rule above applies.
        pathNot: [`${own("providers")}index\\.ts$`, `${own("providers")}[^/]+/`, tests],
      },
      { path: `${own("providers")}(?!common/|testing/)[^/]+/` },
    ),
    room("contract", own("domain"), npm("zod")),
    room("config", npm("zod")),
    room("credentials", builtin("crypto", "zlib")),
    room("process", npm("pino"), builtin("worker_threads")),
    room(
      "db",
      own("domain"),
      drivers,
      npm("zod", "lru-cache"),
      builtin("async_hooks", "fs", "os", "path", "url", "crypto", "zlib"),
    ),
    rule(
      "db-write-path-never-imports-drizzle",
      { path: [`${own("db")}(write|client)/`, own("ingest"), `${own("db-operator")}admin/`] },
      { path: npm("drizzle-orm") },
    ),
    room(
      "db-operator",
      own("db"),
      own("domain"),
      drivers,
      builtin("crypto", "fs", "path", "stream", "timers", "url"),
    ),
    rule(
      "only-ops-imports-db-operator",
      { path: "^(apps|packages)/", pathNot: ["^apps/ops/", own("db-operator"), tests] },
      { path: own("db-operator") },
    ),
    room(
      "ingest",
      ...["db", "domain", "process", "providers"].map(own),
      npm("lru-cache"),
      builtin("crypto", "worker_threads"),
    ),
    room(
      "storage",
      own("domain"),
      own("process"),
      npm("aws4fetch"),
      builtin("crypto", "fs", "http", "https", "path", "stream", "util"),
    ),
    room("simulator", own("domain"), own("providers"), builtin("crypto")),
    room(
      "worker",
      ...["contract", "credentials", "db", "domain", "ingest", "process", "providers", "storage"].map(own),
      npm("mpg123-decoder", "nodemailer", "standardwebhooks"),
      builtin("crypto", "dns", "http", "https", "net", "stream", "timers", "tls", "util"),
    ),
    rule(
      "only-db-speaks-sql",
      {
        path: "^(apps|packages)/",
        pathNot: ["^packages/(db|db-operator|local-postgres|testkit)/", tests],
      },
      { path: drivers },
    ),
    rule(
      "only-api-speaks-express",
      { path: "^(apps|packages)/", pathNot: ["^apps/api/src/", tests] },
      { path: npm("express") },
    ),
    rule(
      "only-the-ops-command-line-speaks-commander",
      { path: "^(apps|packages)/", pathNot: ["^apps/ops/src/cli/", tests] },
      { path: npm("commander") },
    ),
    rule(
      "only-observability-speaks-prometheus-and-opentelemetry",
      { path: "^(apps|packages)/", pathNot: ["^apps/api/src/observability/", tests] },
      { path: npm("prom-client", "@opentelemetry[/+][^/@]+") },
    ),
    rule(
      "only-start-wires",
      { path: "^apps/api/src/(?!start/)", pathNot: tests },
      {
        path: ["^packages/config/src/", "^packages/db/src/client/index.ts"],
        dependencyTypesNot: ["type-only"],
      },
    ),
    rule(
      "slices-of-the-api-are-apart",
      { path: "^apps/api/src/(webhooks|rest|health|observability|console)/", pathNot: tests },
      {
        path: "^apps/api/src/(webhooks|rest|health|observability|console|start)/",
        // Metrics show what /health shows.
        pathNot: ["^apps/api/src/$1/", "^apps/api/src/health/growth.ts"],
      },
    ),
    rule(
      "only-start-of-the-api-imports-the-worker",
      { path: "^apps/api/src/(?!start/)", pathNot: tests },
      { path: own("worker") },
    ),
    rule(
      "console-imports-only-the-contract-and-browser-libraries",
      { path: "^apps/console/src/", pathNot: tests },
      {
        pathNot: [
          "^apps/console/src/",
          own("contract"),
          npm(
            "@scalar[+/]api-reference",
            "@tanstack[+/][^/@]+",
            "get-nonce",
            "lucide-react",
            "markdown-to-jsx",
            "radix-ui",
            "react",
            "react-dom",
            "wavesurfer\\.js",
            "zod",
          ),
        ],
      },
    ),
    rule(
      "console-knows-the-contract-by-its-types",
      { path: "^apps/console/src/", pathNot: tests },
      { path: [own("contract"), npm("zod")], dependencyTypesNot: ["type-only"] },
    ),
    rule("http-is-the-ground", { path: "^apps/api/src/http/" }, { path: "^apps/api/src/(?!http/)" }),
  ],
  options: {
    doNotFollow: { path: "node_modules" },
    exclude: { path: "^(apps/console/)?dist/" },
    tsPreCompilationDeps: true,
    tsConfig: { fileName: "tsconfig.base.json" },
    enhancedResolveOptions: {
      exportsFields: ["exports"],
      conditionNames: ["import", "require", "node", "default", "types"],
      extensions: [".ts", ".tsx", ".js", ".mjs", ".cjs", ".json"],
    },
  },
};

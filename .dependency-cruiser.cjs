/** Who may import whom: the table of rooms in ARCHITECTURE.md. Each rule has a probe in tooling/probes that breaks it. */
const tests = "(\\.test\\.ts$|/test/|/src/testing/)";
const own = (name) => `^packages/${name}/src/`;
const npm = (...names) => `(^|/)node_modules/(\\.pnpm/)?(${names.join("|")})(@|/)`;
const builtin = (...names) => `^(node:)?(${names.join("|")})(/promises)?$`;
const rule = (name, from, to) => ({ name, severity: "error", from, to });
const drivers = npm("postgres", "drizzle-orm");

module.exports = {
  forbidden: [
    rule("not-to-unresolvable", {}, { couldNotResolve: true }),
    rule("no-circular", {}, { circular: true }),
    rule("production-never-imports-tests", { pathNot: tests }, { path: tests }),
    rule("packages-never-import-apps", { path: "^packages/" }, { path: "^apps/" }),
    rule(
      "one-app-never-imports-another",
      { path: "^apps/([^/]+)/" },
      { path: "^apps/[^/]+/", pathNot: "^apps/$1/" },
    ),
    rule("domain-imports-nothing", { path: own("domain"), pathNot: tests }, { pathNot: own("domain") }),
    rule(
      "providers-import-domain-zod-crypto",
      { path: own("providers"), pathNot: tests },
      { pathNot: [own("providers"), own("domain"), npm("zod"), builtin("crypto")] },
    ),
    rule(
      "one-provider-never-imports-another",
      { path: `${own("providers")}([^/]+)/`, pathNot: tests },
      {
        path: `${own("providers")}[^/]+/`,
        pathNot: [`${own("providers")}$1/`, `${own("providers")}common/`],
      },
    ),
    rule(
      "config-imports-zod-only",
      { path: own("config"), pathNot: tests },
      { pathNot: [own("config"), npm("zod")] },
    ),
    rule(
      "credentials-import-crypto-only",
      { path: own("credentials"), pathNot: tests },
      { pathNot: [own("credentials"), builtin("crypto", "zlib")] },
    ),
    rule(
      "db-imports-domain-and-drivers",
      { path: own("db"), pathNot: tests },
      { pathNot: [own("db"), own("domain"), drivers, builtin("fs", "path", "url", "crypto", "zlib")] },
    ),
    rule(
      "db-write-path-never-imports-drizzle",
      { path: `${own("db")}(write|client|admin)/` },
      { path: npm("drizzle-orm") },
    ),
    rule(
      "simulator-imports-domain-providers-crypto",
      { path: own("simulator"), pathNot: tests },
      { pathNot: [own("simulator"), own("domain"), own("providers"), builtin("crypto")] },
    ),
    rule(
      "jobs-import-domain-providers-db",
      { path: own("jobs"), pathNot: tests },
      {
        pathNot: [
          own("jobs"),
          own("credentials"),
          own("domain"),
          own("providers"),
          own("db"),
          npm("aws4fetch"),
          builtin(
            "crypto",
            "dns",
            "fs",
            "http",
            "https",
            "net",
            "path",
            "stream",
            "timers",
            "tls",
            "url",
            "util",
            "v8",
            "vm",
          ),
        ],
      },
    ),
    rule(
      "only-db-speaks-sql",
      { path: "^(apps|packages)/", pathNot: ["^packages/db/", tests] },
      { path: drivers },
    ),
    rule(
      "only-http-speaks-express",
      { path: "^(apps|packages)/", pathNot: ["^apps/api/src/http/", tests] },
      { path: npm("express") },
    ),
    rule(
      "only-metrics-speaks-prometheus",
      { path: "^(apps|packages)/", pathNot: ["^apps/api/src/metrics/", tests] },
      { path: npm("prom-client") },
    ),
    rule(
      "only-tracing-speaks-opentelemetry",
      { path: "^(apps|packages)/", pathNot: ["^apps/api/src/tracing/", tests] },
      { path: npm("@opentelemetry[/+][^/@]+") },
    ),
    rule(
      "only-start-wires",
      { path: "^apps/api/src/(?!start/)", pathNot: tests },
      { path: ["^packages/config/src/", "^packages/db/src/client/"], dependencyTypesNot: ["type-only"] },
    ),
    rule(
      "ingest-takes-ports-not-db",
      { path: "^apps/api/src/ingest/", pathNot: tests },
      { path: "^packages/db/", dependencyTypesNot: ["type-only"] },
    ),
    rule(
      "ingest-knows-no-transport",
      { path: "^apps/api/src/ingest/", pathNot: tests },
      { path: "^apps/api/src/(http|health|start)/" },
    ),
  ],
  options: {
    doNotFollow: { path: "node_modules" },
    exclude: { path: "^dist/" },
    tsPreCompilationDeps: true,
    tsConfig: { fileName: "tsconfig.base.json" },
    enhancedResolveOptions: {
      exportsFields: ["exports"],
      conditionNames: ["import", "require", "node", "default", "types"],
      extensions: [".ts", ".js", ".mjs", ".cjs", ".json"],
    },
  },
};

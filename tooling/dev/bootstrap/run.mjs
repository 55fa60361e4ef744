#!/usr/bin/env node
// Every root script starts here, on any Node, so the syntax of this file has to be old.
const major = Number(process.versions.node.split(".")[0]);
if (major < 18) {
  process.stderr.write(
    `call-ledger needs Node 18 or newer to start; this is Node ${process.versions.node}.\n`,
  );
  process.exit(1);
}
import("./bootstrap.flow.mjs")
  .then(({ bootstrap }) => bootstrap(process.argv.slice(2)))
  .then((code) => process.exit(code));

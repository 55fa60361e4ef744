import http from "node:http";
import type { Plugin } from "rolldown";

const HTTP = "node:http";
const MODULE = `\0${HTTP}`;

/**
 * Makes imports of `node:http` cheap. An import statement reads every export of the module, and some of them are
 * getters that load Node's whole client for fetch and WebSocket: 17 ms and 13 MB with Node 24.21, and the api never
 * uses it. The bundle reads the module without its getters instead.
 */
export const httpImport: Plugin = {
  name: "http-import",
  resolveId: (id, _importer, { kind }) => (id === HTTP && kind === "import-statement" ? MODULE : null),
  load(id) {
    if (id !== MODULE) return null;
    const names = Object.entries(Object.getOwnPropertyDescriptors(http))
      .filter(([, { get }]) => get === undefined)
      .map(([name]) => name);
    return `const http = process.getBuiltinModule("${HTTP}");
export default http;
export const { ${names.join(", ")} } = http;`;
  },
};

export { countLegacyRows, createLegacyTables, fillLegacyTables } from "./legacy-calls.ts";
export { addWholeApplication } from "./whole-application.ts";

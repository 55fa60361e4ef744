import { readFileSync } from "node:fs";

/** The used part of the file that V8 writes with `--cpu-prof`. Times are microseconds. */
type CpuProfile = {
  readonly startTime: number;
  readonly endTime: number;
  readonly nodes: readonly ProfileNode[];
  readonly samples: readonly number[];
  readonly timeDeltas: readonly number[];
};

type ProfileNode = {
  readonly id: number;
  readonly callFrame: { readonly functionName: string; readonly url: string };
  readonly children?: readonly number[];
};

/** A part of a process's life, in milliseconds before its profile ends. */
export type ProfileWindow = { readonly fromMs: number; readonly untilMs: number };

const IDLE = "(idle)";
const GARBAGE = "(garbage collector)";

/**
 * Returns the main thread's time in microseconds by room: a folder of this project below `src`, a package, a module of
 * Node, or the garbage collector. The time of native code counts for its caller. Throws if the file is no profile.
 */
export function timeByRoom(file: string, window: ProfileWindow): ReadonlyMap<string, number> {
  const profile: CpuProfile = JSON.parse(readFileSync(file, "utf8"));
  const rooms = roomsOf(profile.nodes);
  const [from, until] = [profile.endTime - window.fromMs * 1000, profile.endTime - window.untilMs * 1000];
  const time = new Map<string, number>();
  let now = profile.startTime;
  for (const [index, sample] of profile.samples.entries()) {
    const spent = profile.timeDeltas[index] ?? 0;
    now += spent;
    const room = rooms.get(sample);
    if (room === undefined || room === IDLE || now < from || now > until) continue;
    time.set(room, (time.get(room) ?? 0) + spent);
  }
  return time;
}

function roomsOf(nodes: readonly ProfileNode[]): ReadonlyMap<number, string> {
  const callers = new Map(nodes.flatMap(({ id, children = [] }) => children.map((child) => [child, id])));
  const rooms = new Map<number, string>();
  // A caller comes before the functions that it calls.
  for (const { id, callFrame } of nodes) {
    const caller = rooms.get(callers.get(id) ?? -1);
    rooms.set(id, roomOf(callFrame) ?? caller ?? "Node");
  }
  return rooms;
}

function roomOf({ functionName, url }: ProfileNode["callFrame"]): string | undefined {
  if (functionName === IDLE || functionName === GARBAGE) return functionName;
  if (url.startsWith("node:")) return nodeModule(url);
  const installed = /.*\/node_modules\/((?:@[^/]+\/)?[^/]+)\//.exec(url)?.[1];
  if (installed !== undefined) return installed;
  return /\/((?:apps|packages)\/[^/]+\/src(?:\/[^/.]+(?=\/))?)/.exec(url)?.[1];
}

/** Returns the name of a module with one task. All others serve connections and are one room. */
function nodeModule(url: string): string {
  const name = /^node:(?:internal\/)?([a-z]+)/.exec(url)?.[1] ?? "";
  if (name === "zlib" || name === "crypto" || name === "fs") return `node:${name}`;
  return "node:http, net, stream";
}

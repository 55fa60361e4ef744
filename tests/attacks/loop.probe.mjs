/*
 * Loaded into the attacked process. On SIGUSR2 it prints the longest stop of the event loop since the last signal, in
 * milliseconds of processor time of the main thread, so that other work of the machine does not count. It is plain
 * JavaScript, because Node's TypeScript loader takes 15 MB in the process and in each of its threads.
 */

const TICK_MS = 5;

const spent = () => {
  const { user, system } = process.threadCpuUsage();
  return (user + system) / 1000;
};

let longest = 0;
let last = spent();

setInterval(() => {
  const now = spent();
  longest = Math.max(longest, now - last);
  last = now;
}, TICK_MS).unref();

process.on("SIGUSR2", () => {
  process.stdout.write(`longest stop ${longest.toFixed(1)} ms\n`);
  longest = 0;
});

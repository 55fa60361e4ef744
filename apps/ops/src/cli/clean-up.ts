/**
 * Runs `cleanUp` if the process ends early for any reason but SIGKILL. Returns a function that runs it immediately,
 * once. `cleanUp` has to be synchronous.
 */
export function cleanedUp(cleanUp: () => void): () => void {
  const once = () => {
    process.off("exit", once);
    cleanUp();
  };
  process.on("exit", once);
  return once;
}

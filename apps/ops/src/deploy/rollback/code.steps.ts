/**
 * Returns the steps that roll the code back by hand. `commit` is the one that ran before; `null` if it is not known.
 */
export function codeSteps(program: string, commit: string | null): string[] {
  return [
    "Deploy the older release:",
    `  git revert --no-edit ${commit ?? "COMMIT-BEFORE"}..HEAD && git push origin main`,
    "  or in Render's dashboard: the service, Events, Rollback on the deploy before",
    `Then: ${program} smoke URL`,
  ];
}

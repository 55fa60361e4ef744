/** How the code goes back by hand; `commit`: the one that ran before, `null` if it is not known. */
export function codeSteps(program: string, commit: string | null): string[] {
  return [
    "Put the older release in place:",
    `  git revert --no-edit ${commit ?? "COMMIT-BEFORE"}..HEAD && git push origin main`,
    "  or in Render's dashboard: the service, Events, Rollback on the deploy before",
    `Then: ${program} smoke URL`,
  ];
}

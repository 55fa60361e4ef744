/** How the code goes back: through git, or Render's own way. */
export function codeSteps(program: string): string[] {
  return [
    "Put the older release in place:",
    "  git revert --no-edit HEAD && git push origin main",
    "  or in Render's dashboard: the service, Events, Rollback on the deploy before",
    `Then: ${program} smoke URL`,
  ];
}

/** What packages say that they need, corrected before pnpm resolves it. */
const CORRECTED = {
  // Of it one file is served, which has everything in it: the 270 packages that it is built from are not needed.
  "@scalar/api-reference": (manifest) => ({ ...manifest, dependencies: {} }),
  // It uses TypeScript's JavaScript API, which TypeScript 7 no longer has.
  "openapi-typescript": ({ dependencies, ...manifest }) => ({
    ...manifest,
    peerDependencies: {},
    dependencies: { ...dependencies, typescript: "6.0.3" },
  }),
};

export const hooks = {
  readPackage: (manifest) => CORRECTED[manifest.name]?.(manifest) ?? manifest,
};

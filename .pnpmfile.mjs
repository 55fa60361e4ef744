/**
 * What packages are said to need, before pnpm resolves it. Of this package one file is served, which has everything in
 * it; the 270 packages that it is built from would be installed for nothing.
 */
const COMPLETE = new Set(["@scalar/api-reference"]);

export const hooks = {
  readPackage(manifest) {
    return COMPLETE.has(manifest.name) ? { ...manifest, dependencies: {} } : manifest;
  },
};

/**
 * Returns a function that keeps these parameters of a URL's query, if they are not empty. The page or the API checks
 * their values.
 */
export function parametersNamed<Search extends { readonly [name: string]: string | undefined }>(
  ...names: readonly (keyof Search & string)[]
): (given: Readonly<Record<string, unknown>>) => Search {
  return (given) =>
    Object.fromEntries(
      names.flatMap((name) => {
        const value = given[name];
        return typeof value === "string" && value !== "" ? [[name, value]] : [];
      }),
    ) as Search;
}

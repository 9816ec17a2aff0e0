/**
 * The file of a build's context that BuildKit looked for and did not find, as its last lines say; undefined: it failed for something else.
 * Source: BuildKit, cache/contenthash/checksum.go, and solver/llbsolver/file/backend.go.
 */
export function missingFile(said: readonly string[]): string | undefined {
  for (const line of said.toReversed()) {
    const [, named] = /(?:calculate checksum|compute cache key)[^"]*"([^"]+)": not found/.exec(line) ?? [];
    if (named !== undefined) return named;
    const [, path] = /lstat (\S+): no such file or directory/.exec(line) ?? [];
    if (path !== undefined) return path;
  }
  return undefined;
}

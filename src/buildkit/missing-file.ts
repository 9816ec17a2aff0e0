/**
 * The file of a build's context that BuildKit looked for and did not find, as its last lines say; undefined: it failed for something else.
 * Source: BuildKit, cache/contenthash/checksum.go, and solver/llbsolver/file/backend.go.
 */
export function missingFile(stderrLines: readonly string[]): string | undefined {
  for (const line of stderrLines.toReversed()) {
    const begin = line.search(/calculate checksum|compute cache key/);
    const [, named] = (begin < 0 ? null : /^[^"]*"([^"]+)": not found/.exec(line.slice(begin))) ?? [];
    if (named !== undefined) return named;
    const [, path] = /lstat (\S+): no such file or directory/.exec(line) ?? [];
    if (path !== undefined) return path;
  }
  return undefined;
}

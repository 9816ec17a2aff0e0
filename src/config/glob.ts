/** A pattern of paths: `*` and `?` within a folder, `**` across folders, `[abc]`. A folder's pattern takes what is in it. */
export function globToRegExp(pattern: string): RegExp {
  let source = "";
  for (let index = 0; index < pattern.length; index += 1) {
    const rest = pattern.slice(index);
    const set = /^\[(!|\^)?([^\]\\]+)\]/.exec(rest);
    if (rest.startsWith("**/")) {
      source += "(?:.*/)?";
      index += 2;
    } else if (rest.startsWith("**")) {
      source += ".*";
      index += 1;
    } else if (rest.startsWith("*")) {
      source += "[^/]*";
    } else if (rest.startsWith("?")) {
      source += "[^/]";
    } else if (set !== null) {
      source += `[${set[1] === undefined ? "" : "^"}${(set[2] ?? "").replaceAll("[", "\\[").replace(/^\^/, "\\^")}]`;
      index += set[0].length - 1;
    } else {
      source += (pattern[index] ?? "").replace(/[\\^$.*+?()[\]{}|/]/, "\\$&");
    }
  }
  try {
    return new RegExp(`^${source}(?:/.*)?$`, "s");
  } catch {
    return /^(?!)/;
  }
}

export function isIgnored(path: string, patterns: readonly string[]): boolean {
  return patterns.some((pattern) => globToRegExp(pattern.replace(/^\.\/|\/+$/g, "")).test(path));
}

/**
 * Shortens BuildKit's name of a vertex: `[linux/amd64 build 3/7] RUN --mount=type=cache,target=/x npm ci` becomes `RUN npm ci`. Undefined
 * for BuildKit's own work (`[internal] load .dockerignore`, `[auth] …`).
 */
export function shortenVertex(name: string): string | undefined {
  if (isInternal(name)) return undefined;
  return name
    .replace(/^\[[^\]]*\]\s*/, "")
    .replace(/\s--(?:mount|network|security|chmod|chown|link|parents|exclude|checksum)(?:=\S+)?(?=\s)/g, "")
    .replace(/(sha256:[0-9a-f]{12})[0-9a-f]{52}/g, "$1")
    .replace(/\s+/g, " ")
    .trim();
}

/** Whether a vertex counts for the cached share: one that an instruction other than `FROM` made. */
export function isInstruction(name: string): boolean {
  return !isInternal(name) && /^\[[^\]]*\b\d+\/\d+\] (?!FROM )/.test(name);
}

function isInternal(name: string): boolean {
  return /^\[(?:internal|auth)\]/.test(name) || /^\[[^\]]* internal\]/.test(name);
}

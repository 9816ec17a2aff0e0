const runKeys: ReadonlySet<string> = new Set(
  ["created", "revision", "version", "ref.name"].map((key) => `org.opencontainers.image.${key}`),
);

/**
 * Whether a label or an annotation describes the run that built an image; its change is then not a reason to build. `key` may begin with the
 * annotated object: `index:org.opencontainers.image.created`.
 */
function describesRun(key: string): boolean {
  const name = key.slice(key.indexOf(":") + 1);
  return runKeys.has(name) || name.startsWith("com.docker.compose.");
}

/** Returns labels or annotations without those that describe the run. */
export function withoutRun(values: Readonly<Record<string, string>>): Record<string, string> {
  return Object.fromEntries(Object.entries(values).filter(([key]) => !describesRun(key)));
}

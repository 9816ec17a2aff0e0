/** Version of Python's form (PEP 440). */
export interface PythonVersion {
  /** Normal form of the version. */
  readonly text: string;
  readonly release: readonly number[];
  /** Whether it is a pre-release, a post-release or a development release. */
  readonly isSpecial: boolean;
}

const pattern =
  /^v?(?:([0-9]+)!)?([0-9]+(?:\.[0-9]+)*)(?:[-_.]?(alpha|a|beta|b|preview|pre|c|rc)[-_.]?([0-9]+)?)?(?:-([0-9]+)|[-_.]?(post|rev|r)[-_.]?([0-9]+)?)?([-_.]?dev[-_.]?([0-9]+)?)?(?:\+([a-z0-9]+(?:[-_.][a-z0-9]+)*))?$/i;

const preNames: Readonly<Record<string, string>> = { alpha: "a", beta: "b", c: "rc", pre: "rc", preview: "rc" };

/** Parses a version; undefined: it is not valid. Source: PEP 440, appendix B, as @renovate/pep440 reads it. */
export function parsePythonVersion(text: string): PythonVersion | undefined {
  const found = pattern.exec(text);
  if (found === null) return undefined;
  const [, epoch, numbers = "", preName, preNumber, shortPost, postName, postNumber, dev, devNumber, local] = found;
  const release = numbers.split(".").map(Number);
  const pre =
    preName === undefined ? "" : `${preNames[preName.toLowerCase()] ?? preName.toLowerCase()}${Number(preNumber ?? 0)}`;
  const hasPost = shortPost !== undefined || postName !== undefined;
  const post = hasPost ? `.post${Number(shortPost ?? postNumber ?? 0)}` : "";
  const development = dev === undefined ? "" : `.dev${Number(devNumber ?? 0)}`;
  const localParts = local
    ?.split(/[._-]/)
    .map((part) => (/^[0-9]+$/.test(part) ? String(Number(part)) : part.toLowerCase()));
  const start = Number(epoch ?? 0) === 0 ? "" : `${Number(epoch)}!`;
  return {
    text: `${start}${release.join(".")}${pre}${post}${development}${localParts === undefined ? "" : `+${localParts.join(",")}`}`,
    release,
    isSpecial: pre !== "" || hasPost || dev !== undefined,
  };
}

/** The oldest Node that the program runs on; `package.json` says the same, and a test holds it. */
export const oldestNode = "20.19";

/** What to tell a person whose Node is too old; undefined when it is not. Written so that an old Node can read it. */
export function explainOldNode(version: string): string | undefined {
  const [major = 0, minor = 0] = version.split(".").map(Number);
  const [oldestMajor = 0, oldestMinor = 0] = oldestNode.split(".").map(Number);
  if (major > oldestMajor || (major === oldestMajor && minor >= oldestMinor)) return undefined;
  return [
    `error: slipway needs Node ${oldestNode} or later, and this is Node ${version}`,
    " hint: install a newer one (https://nodejs.org), or put it first in PATH",
  ].join("\n");
}

/** The Node versions that the program runs on; `package.json` says the same, and a test holds it. */
export const supportedNode = "^22.22.2 || ^24.15.0 || >=26";

/**
 * What to tell a person whose Node is not one of them; undefined when it is. Lines that are out of support or that get no
 * security fixes for long are left out. Written so that an old Node can read it.
 */
export function explainUnsupportedNode(version: string): { message: string; hint: string } | undefined {
  const own = partsOf(version);
  const fits = supportedNode.split(" || ").some((range) => {
    const least = partsOf(range.replace(/^\D+/, ""));
    return isAtLeast(own, least) && (range.startsWith(">=") || own[0] === least[0]);
  });
  if (fits) return undefined;
  return {
    message: `slipway needs Node ${supportedNode}, and this is Node ${version}`,
    hint: "install one of those (https://nodejs.org), or put it first in PATH",
  };
}

/** Major, minor and patch; a pre-release counts as the version that it precedes. */
function partsOf(version: string): readonly [number, number, number] {
  const [release = ""] = version.split("-");
  const [major = 0, minor = 0, patch = 0] = release.split(".").map(Number);
  return [major, minor, patch];
}

function isAtLeast(own: readonly number[], least: readonly number[]): boolean {
  const at = own.findIndex((part, index) => part !== least[index]);
  return at < 0 || (own[at] ?? 0) > (least[at] ?? 0);
}

import { readFileSync } from "node:fs";

/**
 * The user agent for GitHub: `slipway/1.2.0`. https://docs.github.com/rest/using-the-rest-api/getting-started-with-the-rest-api#user-agent
 */
export const userAgent = `slipway/${readVersion()}`;

/** Reads the version of this package. In the bundle, too, its manifest lies two folders up. */
function readVersion(): string {
  const text = readFileSync(new URL("../../package.json", import.meta.url), "utf8");
  return /"version":\s*"([^"]+)"/.exec(text)?.[1] ?? "0.0.0";
}

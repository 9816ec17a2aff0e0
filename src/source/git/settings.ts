import type { Host } from "../../host.ts";
import { decodeText } from "./git.ts";

/** Settings of git by key, with section and last part in lower case. */
export type Settings = ReadonlyMap<string, string>;

const pattern = "^(remote\\..*\\.(url|promisor)|core\\.(autocrlf|eol|attributesfile)|filter\\..*\\.(smudge|process))$";

/** Reads git's settings of remotes and of conversions at checkout that apply in a folder. */
export async function readSettings(host: Host, folder: string): Promise<Settings> {
  // Exit code 1: no such setting.
  const { exitCode, stdout } = await host.run("git", ["config", "-z", "--get-regexp", pattern], { cwd: folder });
  if (exitCode !== 0) return new Map();
  const settings = new Map<string, string>();
  for (const entry of decodeText(stdout).split("\0")) {
    const [key = "", ...value] = entry.split("\n");
    // A remote may have several addresses; git fetches from the first.
    if (key !== "" && !(key.startsWith("remote.") && settings.has(key))) settings.set(key, value.join("\n"));
  }
  return settings;
}

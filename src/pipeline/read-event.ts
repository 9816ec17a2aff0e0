import { readFile } from "node:fs/promises";
import type { Host } from "../host.ts";

/** The payload of the event that started the run. A file that is not there, or that nobody can read, tells nothing. */
export async function readEvent(env: Host["env"]): Promise<unknown> {
  const path = env["GITHUB_EVENT_PATH"];
  if (path === undefined || path === "") return undefined;
  try {
    return JSON.parse(await readFile(path, "utf8"));
  } catch {
    return undefined;
  }
}

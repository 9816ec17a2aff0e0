import { readFile } from "node:fs/promises";
import type { Host } from "../host.ts";

/** The payload of the event that started the run; undefined when its file is missing or unreadable. */
export async function readEvent(env: Host["env"]): Promise<unknown> {
  const path = env["GITHUB_EVENT_PATH"];
  if (path === undefined || path === "") return undefined;
  try {
    return JSON.parse(await readFile(path, "utf8"));
  } catch {
    return undefined;
  }
}

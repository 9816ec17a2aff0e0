import { readFile } from "node:fs/promises";
import type { Host } from "../host.ts";
import type { BuildSecret } from "../model/service.ts";

/** Reads the value of a secret; undefined: its variable is not set, or its file cannot be read. Paths are absolute. */
export async function readSecretValue(host: Host, from: BuildSecret["from"]): Promise<string | undefined> {
  if (from.kind === "env") return host.env[from.name];
  return readFile(from.path, "utf8").catch(() => undefined);
}

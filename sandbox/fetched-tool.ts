import { existsSync, mkdirSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { Log } from "./packages.ts";
import { stateFolder, withLock } from "./state.ts";

/** A tool from a package registry, in a folder of its own below the sandbox's. */
export interface FetchedTool {
  /** Folder that tools of its kind share. */
  readonly group: string;
  /** With its version: `gh-2.102.0`. */
  readonly name: string;
  /** Files of an installed tool, relative to its folder. */
  readonly file: string;
  readonly install: (folder: string) => Promise<void>;
}

/** Installs a tool once, however many processes ask for it; the path of its `file`, or undefined where it cannot be had. */
export async function ensureTool({ group, name, file, install }: FetchedTool, log: Log): Promise<string | undefined> {
  const folder = join(stateFolder(), group, name);
  const complete = join(folder, "complete");
  const wanted = join(folder, file);
  if (existsSync(complete)) return wanted;
  return withLock(`${group}-${name}`, async () => {
    if (existsSync(complete)) return wanted;
    log(`fetching ${name}`);
    rmSync(folder, { recursive: true, force: true });
    mkdirSync(folder, { recursive: true });
    await install(folder);
    if (!existsSync(wanted)) return undefined;
    writeFileSync(complete, "");
    return wanted;
  });
}

import { execFileSync } from "node:child_process";
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";

/** Puts what runs of one of docker's actions into a folder. `action`: its working tree, or a git directory of it. */
export function unpackAction(action: string, folder: string): string {
  mkdirSync(join(folder, "dist"), { recursive: true });
  const place = action.endsWith(".git") || action.endsWith("/repo") ? [`--git-dir=${action}`] : ["-C", action];
  for (const file of ["action.yml", "dist/index.cjs"]) {
    writeFileSync(join(folder, file), execFileSync("git", [...place, "show", `HEAD:${file}`], { maxBuffer: 2 ** 26 }));
  }
  return folder;
}

import { posix } from "node:path";
import { trimEnd } from "../../dockerfile/syntax/go-text.ts";
import { matchSource } from "../../dockerfile/stages/source-match.ts";
import { type Files, firstFrom } from "../files.ts";
import { parseDockerfilePath } from "./folder-names.ts";
import { scanDockerfile } from "./scan-dockerfile.ts";

/**
 * Guesses the context of a Dockerfile: of its folder and the folders around it, the innermost one in which most `COPY` sources exist. So it
 * is its own folder, unless the sources are elsewhere.
 */
export function guessContext(path: string, text: string, files: Files): string {
  const { sources } = scanDockerfile(text);
  let best = { folder: posix.dirname(path), matches: -1 };
  for (const folder of outwards(posix.dirname(path))) {
    const matches = sources.filter((source) => exists(folder, source, files)).length;
    if (matches > best.matches) best = { folder, matches };
    if (matches === sources.length) break;
  }
  return best.folder;
}

function outwards(folder: string): string[] {
  const folders = [folder];
  for (let each = folder; each !== ".";) {
    each = posix.dirname(each);
    folders.push(each);
  }
  return folders;
}

/** Whether a source exists. `COPY . .` takes a folder with more than Dockerfiles. */
function exists(folder: string, source: string, files: Files): boolean {
  const relative = trimEnd(posix.normalize(source), (character) => character === "/").replace(/^(?:\.?\/)+/, "");
  const prefix = folder === "." ? "" : `${folder}/`;
  const isWhole = relative === "." || relative === "" || /^\*+$/.test(relative);
  if (isWhole) return someUnder(prefix, files, (path) => !isAboutDocker(path));
  const path = posix.normalize(`${prefix}${relative}`);
  if (!/[*?[]/.test(relative)) return files.isTracked(path) || someUnder(`${path}/`, files, () => true);
  const isNamed = matchSource(relative);
  return someUnder(prefix, files, (tracked) => isNamed(tracked.slice(prefix.length)));
}

function isAboutDocker(path: string): boolean {
  return parseDockerfilePath(path) !== undefined || path.endsWith(".dockerignore");
}

function someUnder(prefix: string, { tracked }: Files, test: (path: string) => boolean): boolean {
  for (let index = firstFrom(tracked, prefix); index < tracked.length; index += 1) {
    const path = tracked[index] ?? "";
    if (!path.startsWith(prefix)) return false;
    if (test(path)) return true;
  }
  return false;
}

import { posix } from "node:path";
import { asMap } from "../formats/yaml-data.ts";
import { joinTexts, type ShellText } from "../shell/expand-word.ts";
import { namedIn } from "./docker-command.ts";
import type { SourcePlace } from "./publisher.ts";

/** Makes a path relative to the repository: `${{ github.workspace }}/api` becomes `api`. */
export function inRepository({ text, unknown }: ShellText): ShellText {
  const path = text.replace(
    /^(?:\$\{\{ *github\.workspace *\}\}|‹github\.workspace›|\$GITHUB_WORKSPACE|\$\{GITHUB_WORKSPACE\})\/?/,
    "",
  );
  return { text: posix.normalize(path === "" ? "." : path), unknown: namedIn(path, unknown) };
}

/** Whether a line of a script contains a word for building or pushing images. */
export function speaksOfImages(text: string): boolean {
  const lines = text.split("\n").filter((line) => !/^\s*#/.test(line));
  return lines.some(
    (line) => /docker|podman|buildah|buildx|skopeo|crane|kaniko/i.test(line) && /build|bake|push|copy/i.test(line),
  );
}

/** Returns a path relative to the repository; undefined: the path is outside of it, or unknown. */
export function repositoryPath(folder: ShellText, path: ShellText): string | undefined {
  const given = inRepository(path);
  if (given.unknown.length > 0 || posix.isAbsolute(given.text)) return undefined;
  const isFromRoot = given.text !== posix.normalize(path.text);
  const joined = isFromRoot ? given.text : posix.join(folder.text, given.text);
  if (!isFromRoot && folder.unknown.length > 0) return undefined;
  return joined.startsWith("../") ? undefined : posix.normalize(joined);
}

/** Whether a file is a shell script, by its first line or its name. */
export function isShell(text: string, path: string): boolean {
  const [first = ""] = text.split("\n", 1);
  return first.startsWith("#!")
    ? /\b(?:ba|da|z|k|a)?sh\b/.test(first)
    : /\.(?:sh|bash|zsh|env)$|^[^.]*$/.test(posix.basename(path));
}

export function placeInText(file: string, text: string, offset: number): SourcePlace {
  const before = text.slice(0, offset).split("\n");
  return { file, line: before.length, column: (before.at(-1) ?? "").length + 1 };
}

export function joinFolders(from: ShellText, to: ShellText): ShellText {
  return { ...joinTexts([from, to]), text: posix.join(from.text, to.text) };
}

/** Finds a script of a package.json and its line; undefined: the file has none of this name. */
export function packageScript(text: string | undefined, name: string): { text: string; line: number } | undefined {
  if (text === undefined) return undefined;
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    return undefined;
  }
  const scripts = asMap(asMap(value as Parameters<typeof asMap>[0])["scripts"]);
  const script = scripts[name];
  if (typeof script !== "string") return undefined;
  const at = text.indexOf(`${JSON.stringify(name)}:`);
  return { text: script, line: text.slice(0, Math.max(at, 0)).split("\n").length };
}

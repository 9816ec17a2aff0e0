import { dirname } from "node:path";
import { type Case, entriesOf, type Entry, type World } from "./world.ts";

/** A shell script that makes the repository of a case in `$1` and builds both sides of it with docker alone. */
export function renderScript({ before, after, change, isCommitted, source }: Case): string {
  if (source === "folder") return renderFolders(before, after, change);
  return [
    "#!/bin/bash",
    `# ${change}${isCommitted ? "" : ", not committed"}`,
    'set -eu; mkdir "$1"; cd "$1"; git init -q; umask 022',
    ...renderWorld(before),
    "git add -A; git commit -qm before",
    `${renderBuild(before)} > ../before.tar`,
    "git rm -rqf .",
    ...renderWorld(after),
    ...(isCommitted ? ["git add -A; git commit -qm after"] : []),
    `${renderBuild(after)} > ../after.tar`,
  ].join("\n");
}

/** The same for two folders that are in no repository. */
function renderFolders(before: World, after: World, change: string): string {
  return [
    "#!/bin/bash",
    `# ${change}, of a folder as it lies`,
    'set -eu; mkdir "$1" "$1/before" "$1/after"; umask 022; cd "$1/before"',
    ...renderWorld(before),
    `${renderBuild(before)} > ../before.tar`,
    "cd ../after",
    ...renderWorld(after),
    `${renderBuild(after)} > ../after.tar`,
  ].join("\n");
}

function renderWorld(world: World): string[] {
  const all = Object.entries(entriesOf(world));
  const entries = [...all.filter(([, { kind }]) => kind !== "name"), ...all.filter(([, { kind }]) => kind === "name")];
  return entries.flatMap(([path, entry]) => {
    const folder = dirname(path) === "." ? [] : [`mkdir -p -- ${quote(dirname(path))}`];
    const place = quote(`./${path}`);
    if (entry.kind === "name") return [...folder, `ln -- ${quote(`./${entry.of}`)} ${place}`];
    if (entry.kind === "folder") return [`mkdir -p -- ${place}; chmod ${entry.mode.toString(8)} ${place}`];
    if (entry.kind === "link") return [...folder, `ln -s -- ${quote(entry.target)} ${place}`];
    return [
      ...folder,
      `printf %s ${quote(entry.content)} > ${place}`,
      ...modeOf(entry).map((mode) => `chmod ${mode} ${place}`),
    ];
  });
}

function modeOf({ executable, mode }: Extract<Entry, { kind: "file" }>): string[] {
  if (mode !== undefined) return [mode.toString(8)];
  return executable ? ["755"] : [];
}

function renderBuild(world: World): string {
  const args = Object.entries(world.args).flatMap(([name, value]) => ["--build-arg", `${name}=${value}`]);
  const contexts = Object.entries(world.contexts).flatMap(([name, path]) => ["--build-context", `${name}=${path}`]);
  const target = world.target === undefined ? [] : ["--target", world.target];
  const platform = world.platform === undefined ? [] : ["--platform", world.platform];
  const words = [
    "-f",
    world.dockerfilePath,
    ...args,
    ...contexts,
    ...target,
    ...platform,
    "--output",
    "type=tar,dest=-",
    world.context,
  ];
  return ["docker buildx build", ...words.map(quote)].join(" ");
}

function quote(text: string): string {
  if (/^[\w./=:,-]+$/.test(text)) return text;
  const escaped = text.replace(/[\\']/g, "\\$&").replace(/[\n\r\t\0]/g, (each) => escapes[each] ?? each);
  return `$'${escaped}'`;
}

const escapes: Readonly<Record<string, string>> = { "\n": "\\n", "\r": "\\r", "\t": "\\t", "\0": "\\0" };

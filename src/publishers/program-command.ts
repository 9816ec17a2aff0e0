import { posix } from "node:path";
import { joinTexts, type ShellText } from "../shell/expand-word.ts";
import type { RunCommand } from "../shell/script-state.ts";
import { isLocal, readCompose, readDockerCommand, readKaniko, stripTransport } from "./docker-command.ts";
import type { ImageCommand, PublisherKind } from "./image-command.ts";
import { splitOptions, valuesOf } from "./options.ts";

const none: ReadonlySet<string> = new Set();

/** Programs that run the command after them, such as `sudo`, with their options that take a value. */
const wrappers: Readonly<Record<string, ReadonlySet<string>>> = {
  sudo: new Set(["u", "g", "user", "group", "C", "h", "p", "D", "R", "T"]),
  env: new Set(["u", "unset", "C", "chdir"]),
  time: none,
  exec: none,
  command: none,
  nohup: none,
  nice: new Set(["n"]),
  retry: new Set(["t", "d", "times", "delay"]),
  timeout: new Set(["s", "k", "signal", "kill-after"]),
  xargs: new Set(["I", "n", "P", "L", "a", "d"]),
  eval: none,
  ionice: new Set(["c", "n"]),
  unbuffer: none,
  stdbuf: none,
  travis_retry: none,
};

/** Removes `sudo`, `env A=b`, `timeout 10m` and similar prefixes from a command. Assignments among them are returned as written. */
function unwrapCommand(words: readonly ShellText[]): readonly ShellText[] {
  let rest = words;
  for (let turn = 0; turn < 8; turn += 1) {
    const [head, ...after] = rest;
    if (head !== undefined && isPrefix(head, after[0])) {
      rest = after;
      continue;
    }
    const options = head === undefined ? undefined : wrappers[posix.basename(head.text)];
    if (options === undefined) return rest;
    let index = 0;
    for (; index < after.length; index += 1) {
      const text = after[index]?.text ?? "";
      const isOption = text.startsWith("-") && text.length > 1;
      const isSetting = /^[A-Za-z_]\w*=/.test(text) || (head?.text === "timeout" && /^[\d.]+[smhd]?$/.test(text));
      if (!isOption && !isSetting) break;
      const name = text.replace(/^--?/, "");
      if (isOption && options.has(name)) index += 1;
    }
    rest = after.slice(index);
  }
  return rest;
}

/** Whether the first word is a variable that is empty in a real run: `$DRY_RUN docker build`. */
function isPrefix(head: ShellText, next: ShellText | undefined): boolean {
  return (
    head.unknown.length > 0 &&
    /^\$\w+$|^\$\{\w+\}$/.test(head.text) &&
    /^(?:docker|podman|buildah|make|sudo)$/.test(next?.text ?? "")
  );
}

/** Reads one command of a script; undefined: it is not known to build, push or run anything. */
export function readProgramCommand({
  words: written,
  input,
}: Pick<RunCommand, "words" | "input">): ImageCommand | undefined {
  const [head, ...args] = unwrapCommand(written);
  if (head === undefined) return undefined;
  const program = posix.basename(head.text);
  switch (program) {
    case "docker":
    case "podman":
    case "nerdctl":
    case "buildah":
      return readDockerCommand(program, args);
    case "docker-compose":
      return readCompose(args);
    case "docker-buildx":
      return readDockerCommand("docker", [{ text: "buildx", unknown: [] }, ...args]);
    case "make":
    case "gmake":
      return readMake(args);
    case "bash":
    case "sh":
    case "zsh":
    case "dash":
      return readShell(args, input);
    case "source":
    case ".":
      return args[0] === undefined
        ? undefined
        : { kind: "script", path: args[0], args: args.slice(1), isSourced: true };
    case "npm":
    case "pnpm":
    case "yarn":
    case "bun":
      return readPackageScript(program, args) ?? readOpaque(program, args);
    default:
      return head.text.includes("/") && !/^\/(?:usr|bin|sbin|opt|kaniko)\//.test(head.text)
        ? (readOpaque(program, args) ?? { kind: "script", path: head, args, isSourced: false })
        : (readCopy(program, args) ?? readOpaque(program, args));
  }
}

const shellSwitches: ReadonlySet<string> = new Set(["login", ..."abefhiklmnpqrstuvxBCEHPT".split("")]);

function readShell(args: readonly ShellText[], input: string | undefined): ImageCommand | undefined {
  const inline = args.findIndex(({ text }) => /^-[a-z]*c$/.test(text));
  const text = args[inline + 1];
  if (inline >= 0 && text !== undefined) return { kind: "inline", text };
  const { words } = splitOptions(args, { switches: shellSwitches, stops: true });
  const [path, ...rest] = words;
  if (path !== undefined) return { kind: "script", path, args: rest, isSourced: false };
  return input === undefined ? undefined : { kind: "inline", text: { text: input, unknown: [] } };
}

function readMake(args: readonly ShellText[]): ImageCommand | undefined {
  const own = splitOptions(args, {
    switches: new Set(["s", "k", "i", "n", "B", "silent", "no-print-directory", "e", "w"]),
  });
  if (own.options.has("n")) return undefined;
  const variables = new Map<string, ShellText>();
  const targets: ShellText[] = [];
  for (const word of own.words) {
    const equals = /^([\w.]+)[:?+]?=/.exec(word.text);
    if (equals === null) targets.push(word);
    else variables.set(equals[1] ?? "", { text: word.text.slice(equals[0].length), unknown: word.unknown });
  }
  const numbers = targets.filter(({ text }) => !/^\d+$/.test(text));
  return {
    kind: "make",
    file: valuesOf(own, "f", "file", "makefile").at(-1),
    folder: valuesOf(own, "C", "directory").at(-1),
    targets: numbers,
    variables,
  };
}

const packageCommands = new Set(
  "install ci i add exec publish pack test config cache audit version link why dlx x".split(" "),
);

function readPackageScript(program: string, args: readonly ShellText[]): ImageCommand | undefined {
  const own = splitOptions(args, {
    switches: new Set(["s", "silent", "r", "recursive", "if-present", "w", "workspaces"]),
  });
  const [verb, name] = own.words;
  const folder = valuesOf(own, "prefix", "C", "dir", "cwd").at(-1);
  if (verb === undefined) return undefined;
  if (verb.text === "run" || verb.text === "run-script")
    return name === undefined ? undefined : { kind: "package-script", folder, name, otherwise: [] };
  const otherwise = program === "npm" ? [] : args.slice(args.indexOf(verb));
  return packageCommands.has(verb.text) ? undefined : { kind: "package-script", folder, name: verb, otherwise };
}

/** Reads the programs that copy images between registries. */
function readCopy(program: string, args: readonly ShellText[]): ImageCommand | undefined {
  const { words } = splitOptions(args, {
    switches: new Set(["all", "a", "insecure-policy", "q", "quiet", "insecure", "r", "recursive", "n"]),
  });
  const [verb, ...rest] = words;
  const copies = (to: ShellText | undefined): ImageCommand | undefined =>
    to === undefined || isLocal(to.text) ? undefined : { kind: "merge", how: "copy", tags: [stripTransport(to)] };
  switch (`${program} ${verb?.text ?? ""}`) {
    case "skopeo copy":
    case "crane copy":
    case "crane cp":
    case "crane push":
    case "oras copy":
    case "oras cp":
    case "gcrane cp":
      return copies(rest.at(-1));
    case "crane tag":
      return copies(rest[0] === undefined || rest[1] === undefined ? undefined : retagged(rest[0], rest[1]));
    case "regctl image":
      return rest[0]?.text === "copy" ? copies(rest.at(-1)) : undefined;
    case "regctl index":
      return rest[0]?.text === "create" ? copies(rest[1]) : undefined;
    case "manifest-tool push":
      return {
        kind: "merge",
        how: "imagetools",
        tags: splitOptions(args, { switches: none }).options.get("target") ?? [],
      };
    case "kaniko executor":
      return readKaniko(rest);
    default:
      return program === "executor" ? readKaniko(args) : undefined;
  }
}

/** Replaces the tag of an image. */
function retagged(image: ShellText, tag: ShellText): ShellText {
  const name = { text: withoutTag(image.text), unknown: image.unknown };
  return joinTexts([name, { text: ":", unknown: [] }, tag]);
}

function withoutTag(image: string): string {
  const [name = ""] = image.split("@");
  const colon = name.lastIndexOf(":");
  return colon > name.lastIndexOf("/") ? name.slice(0, colon) : name;
}

interface OpaqueProgram {
  readonly how: PublisherKind;
  /** Pattern of the command with its arguments, joined by blanks. */
  readonly when: RegExp;
  readonly because: string;
  readonly isSure: boolean;
}

const byItself = "names and tags come from its own configuration";

const opaque: readonly OpaqueProgram[] = [
  {
    how: "ko",
    when: /^ko (?:build|publish|apply|resolve)\b/,
    because: "ko makes images of Go packages without a Dockerfile, and names them by the package",
    isSure: true,
  },
  {
    how: "jib",
    when: /^(?:mvnw?|gradlew?) .*\bjib\b(?!:?dockerBuild|DockerBuild|:buildTar)/,
    because: "Jib makes images without a Dockerfile",
    isSure: true,
  },
  {
    how: "jib",
    when: /^(?:mvnw?|gradlew?) .*(?:-Dquarkus\.container-image\.push=true|publishImage|dockerPush|docker:push|dockerfile:push|-Dspring-boot\.build-image\.publish=true|-Ddocker\.push)/,
    because: `a plug-in pushes; ${byItself}`,
    isSure: true,
  },
  {
    how: "goreleaser",
    when: /^goreleaser (?:release|publish)\b(?!.*--(?:snapshot|skip=publish))/,
    because: `goreleaser builds and pushes; ${byItself}`,
    isSure: false,
  },
  {
    how: "nix",
    when: /^nix (?:run|build)\b|^nix-build\b/,
    because: "Nix makes images without a Dockerfile",
    isSure: false,
  },
  {
    how: "other-builder",
    when: /^(?:pants|bazel|bazelisk|dagger|earthly|skaffold|werf|pack|depot|apko|melange)\b/,
    because: "it builds without docker, by its own configuration",
    isSure: false,
  },
  {
    how: "task-runner",
    when: /^(?:nx|turbo|lerna|task|just|mage|rake|invoke|tox|hatch|moon|devspace|tilt|sbt|lein)\b/,
    because: byItself,
    isSure: false,
  },
];

const runners =
  /^(?:npx|pnpx|bunx|uvx|pipx run|poetry run|uv run|bundle exec|go run|(?:npm|pnpm|yarn|bun) (?:exec|x|dlx)) +(?:-[\w-]+ +)*/;

/** Commands among the above that certainly push. */
const pushing =
  /^(?:skaffold (?:run|build .*--push)|earthly .*--push|pack build .*--publish|depot (?:build|bake) .*--push|dagger call .*publish|werf (?:build|converge)|apko publish|bazel(?:isk)? run \S*push)/;

/** Reads programs that build or push by their own configuration. A build tool's name alone does not show that images are built. */
function readOpaque(program: string, args: readonly ShellText[]): ImageCommand | undefined {
  const line = [program, ...args.map(({ text }) => text)].join(" ").replace(runners, "");
  const found = opaque.find(({ when }) => when.test(line));
  if (found === undefined) return undefined;
  const isSure = found.isSure || pushing.test(line);
  if (
    !isSure &&
    found.how !== "goreleaser" &&
    found.how !== "nix" &&
    !/docker|image|container|push|publish|release|oci/i.test(line)
  )
    return undefined;
  return { kind: "opaque", how: found.how, what: line.slice(0, 120), because: found.because, isSure };
}

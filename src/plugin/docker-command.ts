/**
 * Docker command line, as Slipway classifies it. `build`: one image. `bake`: the targets of a bake file. `other`: a command that builds nothing, or
 * that names another engine or configuration than the environment does.
 */
export type DockerCommand =
  | {
      readonly kind: "build" | "bake";
      /** Words before the name of the command, without `--builder`. */
      readonly before: readonly string[];
      /** Arguments after the name of the command. */
      readonly args: readonly string[];
      /** Builder that is named before the command's name. */
      readonly builder: string | undefined;
    }
  | { readonly kind: "other" };

/** Names of the commands that build, with buildx's aliases. Source: buildx, commands/root.go. */
const words: Readonly<Record<string, "build" | "bake">> = { build: "build", b: "build", bake: "bake", f: "bake" };

/** Arguments with which a build or a bake only prints and builds nothing. */
const asksOnly = /^(?:--help|-h|--print|--check|--list(?:-targets|-variables)?|--list=.*|--call=(?!build$).*)$/;

/**
 * Reads the arguments that Docker passes to its buildx plugin: `buildx build …`, or `bake …` if Compose starts it. The stand-in's script
 * (`stand-in.ts`) applies the same rules before it starts Node.
 */
export function readPluginArguments(args: readonly string[]): DockerCommand {
  let builder: string | undefined;
  let at = (isDebug(args[0]) && args[1] === "buildx") || args[0] === "buildx" ? args.indexOf("buildx") + 1 : 0;
  const before = args.slice(0, at);
  for (; at < args.length; at += 1) {
    const arg = args[at] ?? "";
    if (isDebug(arg)) before.push(arg);
    else if (arg === "--builder") {
      at += 1;
      builder = args[at];
    } else if (arg.startsWith("--builder=")) builder = arg.slice("--builder=".length);
    else break;
  }
  const kind = words[args[at] ?? ""];
  const rest = args.slice(at + 1);
  if (kind === undefined || rest.some((arg) => asksOnly.test(arg))) return { kind: "other" };
  return { kind, before, args: rest, builder };
}

/**
 * Converts the arguments after `docker` (`build`, `image build`, `builder build`, `buildx build`, `bake`) to those that Docker passes to the plugin;
 * undefined: Docker runs another command. Source: docker/cli, cmd/docker/builder.go.
 */
export function toPluginArguments(args: readonly string[]): readonly string[] | undefined {
  const [first = "", second = ""] = args;
  if (first === "buildx") return args;
  if (first === "build" || first === "bake") return ["buildx", ...args];
  if (first === "builder") return ["buildx", ...args.slice(1)];
  if (first === "image" && second === "build") return ["buildx", ...args.slice(1)];
  return undefined;
}

function isDebug(arg: string | undefined): boolean {
  return arg === "-D" || arg === "--debug";
}

import { type YamlMap, yamlText, inputLines } from "../../formats/yaml-data.ts";
import { posix } from "node:path";
import type { AdoptedArg, AdoptedService } from "../adopted.ts";
import { type Contexts, expressionsIn, fillIn } from "./expressions.ts";

/** Build as an action's inputs or a command's options describe it, before its tags are read. */
export interface BuildInputs {
  readonly context: string;
  readonly dockerfile: string;
  readonly target: string | undefined;
  /** Image references with tags; known expressions are filled in. */
  readonly references: readonly string[];
  /** Names in `outputs: type=image,name=…`. */
  readonly outputNames: readonly string[];
  readonly platforms: readonly string[];
  readonly args: Readonly<Record<string, AdoptedArg>>;
  readonly secrets: AdoptedService["secrets"];
  readonly contexts: Readonly<Record<string, string>>;
  readonly labels: Readonly<Record<string, string>>;
  readonly settings: YamlMap;
  /** Environment variables from which args and secrets come. */
  readonly variables: Readonly<Record<string, string>>;
  /** Whether the build pushes; undefined: never; `always`: also for pull requests. */
  readonly pushes: "always" | "sometimes" | undefined;
  readonly problems: readonly string[];
}

const understood = new Set(
  "context file target tags platforms build-args secrets secret-envs build-contexts labels network shm-size ulimit add-hosts ssh push load outputs".split(
    " ",
  ),
);
/** Inputs that Slipway replaces by its own. */
const replaced = new Set(
  "cache-from cache-to no-cache pull builder provenance sbom attests annotations github-token call quiet metadata-file rm progress".split(
    " ",
  ),
);

/** Reads the inputs of `docker/build-push-action`; options of `docker build` are converted to these inputs before. */
export function readBuildInputs(inputs: YamlMap, contexts: Contexts): BuildInputs {
  const problems: string[] = [];
  const text = (key: string): string => fillIn(yamlText(inputs[key]), contexts).trim();
  const lines = (key: string, separator: "lines" | "commas" = "lines"): string[] =>
    inputLines(fillIn(yamlText(inputs[key]), contexts), separator);
  for (const key of Object.keys(inputs)) {
    if (!understood.has(key) && !replaced.has(key)) problems.push(`the input "${key}" of the build`);
  }
  const context = contextOf(text("context"), problems);
  const variables: Record<string, string> = {};
  const outputs = lines("outputs");
  const outputsPush = outputs.some((output) => /push=true|type=registry/.test(output));
  if (outputs.some((output) => !/type=(?:image|registry)/.test(output)))
    problems.push(`outputs "${outputs.join(" ")}"`);
  if (text("load") !== "" && text("load") !== "false")
    problems.push("load: later steps use the image from the local Docker");
  const push = outputsPush ? "true" : text("push");
  return {
    context,
    dockerfile: posix.normalize(text("file") === "" ? posix.join(context, "Dockerfile") : text("file")),
    target: text("target") === "" ? undefined : text("target"),
    references: lines("tags", "commas"),
    outputNames: outputs.flatMap((output) => /(?:^|,)"?name=([^,"]+)/.exec(output)?.[1] ?? []),
    platforms: lines("platforms", "commas"),
    args: readArgs(lines("build-args"), variables, problems),
    secrets: [...readSecrets(lines("secrets"), variables, problems), ...secretVariables(lines("secret-envs"))],
    contexts: Object.fromEntries(lines("build-contexts").map((line) => splitAt(line))),
    labels: readLabels(lines("labels"), problems),
    settings: readSettings(text, lines),
    variables,
    pushes: push === "" || push === "false" ? undefined : push === "true" ? "always" : "sometimes",
    problems,
  };
}

function contextOf(written: string, problems: string[]): string {
  const sub = /^(?:\{\{\s*defaultContext\s*\}\}|\$\{\{ github\.workspace \}\})[:/]?(.*)$/.exec(written)?.[1];
  const path = sub ?? written;
  if (/^(?:https?|git):|^git@/.test(path)) problems.push(`the context "${path}" is not in this repository`);
  if (path.includes("${{")) problems.push(`the context "${path}" is not known before a run`);
  const normal = posix.normalize(path === "" ? "." : path).replace(/(?<=.)\/$/, "");
  return normal;
}

/** Values of the `github` context that differ from commit to commit. */
const stamps = /\bgithub\.(?:sha|ref|ref_name|head_ref|run_id|run_number|run_attempt|event\.)/;
const ownVariables: Readonly<Record<string, string>> = {
  "${{ github.sha }}": "GITHUB_SHA",
  "${{ github.ref_name }}": "GITHUB_REF_NAME",
  "${{ github.ref }}": "GITHUB_REF",
  "${{ github.run_id }}": "GITHUB_RUN_ID",
  "${{ github.run_number }}": "GITHUB_RUN_NUMBER",
};

function readArgs(
  lines: readonly string[],
  variables: Record<string, string>,
  problems: string[],
): Record<string, AdoptedArg> {
  const args: Record<string, AdoptedArg> = {};
  for (const [name, written] of lines.map((line) => splitAt(line))) {
    const value = written.replace(
      /^\$\{?(GITHUB_[A-Z_]+)\}?$/,
      (_, variable: string) => byVariable(variable) ?? written,
    );
    const left = expressionsIn(value);
    if (left.length === 0 && !/\$[\w{(]/.test(value)) args[name] = { value };
    else if (left.length === 0) problems.push(`the build arg ${name}=${value}, which a shell computes`);
    else if (left.some((each) => each.includes("secrets."))) {
      problems.push(
        `the build arg ${name} from a secret: it would be in the image's history; use RUN --mount=type=secret`,
      );
    } else if (left.every((each) => /^(?:github|vars|inputs)\.[\w.-]+$/.test(each))) {
      const own = ownVariables[value];
      if (own === undefined) variables[name] = value;
      args[name] = { env: own ?? name, stamp: stamps.test(value) };
    } else problems.push(`the build arg ${name}=${value}`);
  }
  return args;
}

function byVariable(variable: string): string | undefined {
  return Object.entries(ownVariables).find(([, name]) => name === variable)?.[0];
}

function readSecrets(
  lines: readonly string[],
  variables: Record<string, string>,
  problems: string[],
): { id: string; env: string }[] {
  return lines.flatMap((line) => {
    const [id, written] = splitAt(line.replaceAll(/^"|"$/g, ""));
    const name = /^\$\{\{ (?:secrets|github)\.(\w+) \}\}$/.exec(written)?.[1];
    if (name === undefined) {
      problems.push(`the secret "${id}"`);
      return [];
    }
    const env = name === "token" || name === "GITHUB_TOKEN" ? "BUILD_GITHUB_TOKEN" : name;
    variables[env] = written;
    return [{ id, env }];
  });
}

function secretVariables(lines: readonly string[]): { id: string; env: string }[] {
  return lines.map((line) => splitAt(line)).map(([id, env]) => ({ id, env }));
}

/** Reads the labels; those of `docker/metadata-action` are left out, because Slipway makes the same. */
function readLabels(lines: readonly string[], problems: string[]): Record<string, string> {
  const own = lines
    .filter((line) => !/^\$\{\{ steps\.[\w-]+\.outputs\.labels \}\}$/.test(line))
    .map((line) => splitAt(line));
  for (const [name, value] of own) {
    if (value.includes("${{") && !name.startsWith("org.opencontainers.image."))
      problems.push(`the label ${name}=${value}`);
  }
  return Object.fromEntries(own.filter(([, value]) => !value.includes("${{")));
}

function readSettings(text: (key: string) => string, lines: (key: string, separator?: "commas") => string[]): YamlMap {
  const list = (values: string[]): string[] | undefined => (values.length === 0 ? undefined : values);
  return {
    network: text("network") === "" ? undefined : text("network"),
    shmSize: text("shm-size") === "" ? undefined : text("shm-size"),
    ulimits: list(lines("ulimit")),
    extraHosts: list(lines("add-hosts", "commas")),
    ssh: list(lines("ssh")),
  };
}

function splitAt(line: string): [name: string, value: string] {
  const at = line.indexOf("=");
  return at < 0 ? [line, ""] : [line.slice(0, at).trim(), line.slice(at + 1).trim()];
}

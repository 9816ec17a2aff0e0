import { type YamlMap, yamlText, inputLines } from "../../formats/yaml-data.ts";
import { posix } from "node:path";
import { addAll } from "../../model/lists.ts";
import type { AdoptedArg, AdoptedService } from "../adopted.ts";
import { type Contexts, expressionsIn, fillIn } from "./expressions.ts";

/** Build as an action's inputs or a command's options describe it, before its tags are read. */
export interface BuildInputs {
  readonly context: string;
  readonly dockerfile: string;
  readonly target: string | undefined;
  /** Image references with tags; known expressions are filled in. */
  readonly references: readonly string[];
  readonly platforms: readonly string[];
  readonly args: Readonly<Record<string, AdoptedArg>>;
  readonly secrets: AdoptedService["secrets"];
  readonly contexts: Readonly<Record<string, string>>;
  readonly labels: Readonly<Record<string, string>>;
  readonly settings: YamlMap;
  /** Environment variables from which args and secrets come. */
  readonly variables: Readonly<Record<string, string>>;
  /** Ids of steps whose outputs args read. */
  readonly steps: readonly string[];
  /** Inputs that Slipway replaces by its own. */
  readonly replaced: readonly string[];
  readonly problems: readonly string[];
}

const understood = new Set(
  "context file target tags platforms build-args secrets secret-envs build-contexts labels network shm-size ulimit add-hosts ssh push outputs annotations".split(
    " ",
  ),
);
/** Inputs that Slipway replaces, with what it does. */
const replaced: Readonly<Record<string, string>> = {
  "cache-from": "Slipway has caches of its own",
  "cache-to": "Slipway has caches of its own",
  builder: "Slipway chooses the builder",
  pull: "each run looks the base images up",
  "github-token": "each job has its own token",
  quiet: "Slipway shows one line a change",
  progress: "Slipway shows one line a change",
  rm: "BuildKit leaves no containers",
  "force-rm": "BuildKit leaves no containers",
};

/** Inputs that have no counterpart where they are set to more than `false`, with what could be written instead. */
const unequalled: Readonly<Record<string, string>> = {
  "no-cache": "unchanged images are reused; `refresh` in slipway.yaml says how old they may become",
  sbom: "Slipway makes no SBOM yet: make it in a step after the build",
  attests: "Slipway attests BuildKit's provenance alone: attest in a step after the build",
  call: "check the Dockerfile in a job of its own",
  "metadata-file": "read the digest from the step's output",
  load: "let later steps pull the image by its digest",
};

/** Reads inputs that are not about what is built. */
function readOthers(
  inputs: YamlMap,
  text: (key: string) => string,
  found: { problems: string[]; replaced: string[] },
): void {
  for (const key of Object.keys(inputs)) {
    const value = text(key);
    const by = Object.hasOwn(replaced, key) ? replaced[key] : undefined;
    const instead = Object.hasOwn(unequalled, key) ? unequalled[key] : undefined;
    if (key === "provenance") {
      if (/mode=max/.test(value))
        found.problems.push("provenance: mode=max; Slipway keeps BuildKit's provenance with mode=min");
      else found.replaced.push("provenance of a build: BuildKit's, with mode=min");
    } else if (by !== undefined) found.replaced.push(`${key} of a build: ${by}`);
    else if (instead !== undefined) {
      if (value !== "" && value !== "false" && value !== "build")
        found.problems.push(`${key} of the build: ${instead}`);
    } else if (!understood.has(key))
      found.problems.push(`the input "${key}" of the build, which Slipway does not have`);
  }
}

/** Reads the inputs of `docker/build-push-action`; options of `docker build` are converted to these inputs before. */
export function readBuildInputs(inputs: YamlMap, contexts: Contexts): BuildInputs {
  const problems: string[] = [];
  const text = (key: string): string => fillIn(yamlText(inputs[key]), contexts).trim();
  const lines = (key: string, separator: "lines" | "commas" = "lines"): string[] =>
    inputLines(fillIn(yamlText(inputs[key]), contexts), separator);
  const found = { problems, replaced: [] as string[] };
  readOthers(inputs, text, found);
  const context = contextOf(text("context"), problems);
  const variables: Record<string, string> = {};
  const steps: string[] = [];
  const outputs = lines("outputs");
  if (outputs.some((output) => !/type=(?:image|registry)|^push=/.test(output)))
    problems.push(`outputs "${outputs.join(" ")}": build files in a job of its own`);
  return {
    context,
    dockerfile: posix.normalize(text("file") === "" ? posix.join(context, "Dockerfile") : text("file")),
    target: text("target") === "" ? undefined : text("target"),
    references: lines("tags", "commas"),
    platforms: lines("platforms", "commas"),
    args: readArgs(lines("build-args"), { variables, steps }, problems),
    secrets: [...readSecrets(lines("secrets"), variables, problems), ...secretVariables(lines("secret-envs"))],
    contexts: Object.fromEntries(lines("build-contexts").map((line) => splitAt(line))),
    labels: readLabels(lines("labels"), problems),
    settings: readSettings(text, lines, readLabels(lines("annotations"), problems)),
    variables,
    steps,
    replaced: found.replaced,
    problems,
  };
}

function contextOf(written: string, problems: string[]): string {
  const sub = /^(?:\{\{\s*defaultContext\s*\}\}|\$\{\{ github\.workspace \}\})[:/]?(.*)$/.exec(written)?.[1];
  const path = sub ?? written;
  if (/^(?:https?|git):|^git@/.test(path))
    problems.push(`the context "${path}", which is not in this repository: check it out here`);
  if (path.includes("${{")) problems.push(`the context "${path}", which is not known before a run: write it out`);
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
  { variables, steps }: { readonly variables: Record<string, string>; readonly steps: string[] },
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
    else if (left.length === 0)
      problems.push(
        `the build arg ${name}=${value}, which a shell computes: let a step before the build set a variable`,
      );
    else if (left.some((each) => each.includes("secrets."))) {
      problems.push(
        `the build arg ${name} from a secret: it would be in the image's history; use RUN --mount=type=secret`,
      );
    } else if (left.every((each) => /^(?:github|vars|inputs)\.[\w.-]+$/.test(each))) {
      const own = ownVariables[value];
      if (own === undefined) variables[name] = value;
      args[name] = { env: own ?? name, stamp: stamps.test(value) };
    } else if (left.every((each) => /^steps\.[\w-]+\.outputs\.[\w-]+$/.test(each))) {
      addAll(
        steps,
        left.map((each) => each.split(".")[1] ?? ""),
      );
      variables[name] = value;
      args[name] = { env: name, stamp: false };
    } else problems.push(`the build arg ${name}=${value}, which only a run knows`);
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
      problems.push(`the secret "${id}", whose value is no secret of the repository: pass it by secret-envs`);
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
      problems.push(`the label ${name}=${value}, which only a run knows: write its value`);
  }
  return Object.fromEntries(own.filter(([, value]) => !value.includes("${{")));
}

function readSettings(
  text: (key: string) => string,
  lines: (key: string, separator?: "commas") => string[],
  annotations: Readonly<Record<string, string>>,
): YamlMap {
  const list = (values: string[]): string[] | undefined => (values.length === 0 ? undefined : values);
  return {
    network: text("network") === "" ? undefined : text("network"),
    shmSize: text("shm-size") === "" ? undefined : text("shm-size"),
    ulimits: list(lines("ulimit")),
    extraHosts: list(lines("add-hosts", "commas")),
    ssh: list(lines("ssh")),
    annotations: Object.keys(annotations).length === 0 ? undefined : annotations,
  };
}

function splitAt(line: string): [name: string, value: string] {
  const at = line.indexOf("=");
  return at < 0 ? [line, ""] : [line.slice(0, at).trim(), line.slice(at + 1).trim()];
}

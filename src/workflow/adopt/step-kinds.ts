import { type YamlMap, asMap, yamlText } from "../../formats/yaml-data.ts";
import type { AdoptedLogin } from "../adopted.ts";
import { pushesOnly, readShellScript } from "./shell-builds.ts";
import { type SourceStep } from "./source.ts";

/** Purpose of a step in a build job. */
export type StepKind =
  | "build"
  | "shell-build"
  | "bake"
  | "metadata"
  | "checkout"
  | "docker-login"
  | "cloud-login"
  | "set-up"
  /** Keeps BuildKit's own cache. */
  | "build-cache"
  /** Hands digests of platforms to the job that joins them. */
  | "digests"
  /** Only prints. */
  | "shown"
  /** Pushes or tags what another step of the job built. */
  | "push"
  | "merge"
  | "other";

const uses: readonly (readonly [pattern: RegExp, kind: StepKind])[] = [
  [/^docker\/build-push-action@/, "build"],
  [/^docker\/bake-action@/, "bake"],
  [/^docker\/metadata-action@/, "metadata"],
  [/^actions\/checkout@/, "checkout"],
  [/^docker\/login-action@/, "docker-login"],
  [/^(?:aws-actions\/|google-github-actions\/|azure\/(?:docker-)?login)/i, "cloud-login"],
  [/^docker\/setup-(?:qemu|buildx|docker)-action@/, "set-up"],
];

export function kindOf({ value }: SourceStep): StepKind {
  const action = typeof value["uses"] === "string" ? value["uses"] : "";
  const named = uses.find(([pattern]) => pattern.test(action));
  if (named !== undefined) return named[1];
  if (action !== "")
    return isBuildCache(action, asMap(value["with"]))
      ? "build-cache"
      : isDigestTransfer(action, asMap(value["with"]))
        ? "digests"
        : "other";
  const run = typeof value["run"] === "string" ? value["run"] : "";
  if (/imagetools create|docker manifest (?:create|push)/.test(run)) return "merge";
  if (readShellScript(run) !== undefined) return "shell-build";
  if (pushesOnly(run)) return "push";
  if (/\|\s*docker login\b|^[ \t]*docker login\b|gcloud auth configure-docker/m.test(run)) return "cloud-login";
  return scriptKind(run);
}

/** Whether a step installs a tool for later steps, such as cosign. */
export function isInstaller({ value }: SourceStep): boolean {
  return /^(?:sigstore\/cosign-installer|imjasonh\/setup-crane|aquasecurity\/setup-trivy|anchore\/sbom-action\/download-syft)@/.test(
    yamlText(value["uses"]),
  );
}

/** Whether a step caches a folder of BuildKit by `actions/cache`, which Slipway's own caches replace. */
function isBuildCache(action: string, inputs: YamlMap): boolean {
  return action.startsWith("actions/cache") && /buildx-cache|buildkit/.test(yamlText(inputs["path"]));
}

/** Whether a step passes digests from platform jobs to the job that merges them. */
function isDigestTransfer(action: string, inputs: YamlMap): boolean {
  return (
    /^actions\/(?:upload|download)-artifact/.test(action) &&
    /digests/.test(`${yamlText(inputs["path"])}${yamlText(inputs["name"])}`)
  );
}

/** Reads a script whose every line prints, keeps a build cache, or saves a digest for a later job; other scripts are kept. */
function scriptKind(run: string): StepKind {
  const lines = run
    .split("\n")
    .map((line) => line.trim())
    .filter((line) => line !== "" && !line.startsWith("#"));
  const kinds = new Set(lines.map(lineKind));
  if (kinds.has("other")) return "other";
  return kinds.has("digests") ? "digests" : kinds.has("build-cache") ? "build-cache" : "shown";
}

function lineKind(line: string): "shown" | "build-cache" | "digests" | "other" {
  if (/\/digests\b|^digest=|^platform=|PLATFORM_PAIR/.test(line)) return "digests";
  if (/buildx-cache/.test(line)) return "build-cache";
  // A redirection, a pipe, a list or a substitution does more than print.
  if (/[<>|;&`]|\$\(/.test(line)) return "other";
  return /^(?:echo\b|docker (?:images|version|info)\b|docker buildx (?:imagetools inspect|ls|version)\b)/.test(line)
    ? "shown"
    : "other";
}

/**
 * Reads a script that is only `echo PASSWORD | docker login HOST -u USER --password-stdin` as the inputs of `docker/login-action`; undefined: another
 * script. Variables come from the environment.
 */
export function shellLogin(script: string, env: Readonly<Record<string, string>>): YamlMap | undefined {
  const value = (word: string): string => {
    const plain = word.replaceAll(/^["']|["']$/g, "");
    return plain.replaceAll(/\$\{?(\w+)\}?(?!\{)/g, (whole, name: string) => env[name] ?? whole);
  };
  const word = String.raw`("[^"]*"|'[^']*'|\$\{\{(?:[^}$]|\$(?!\{\{))*\}\}|[^\s|]+)`;
  const pattern = new RegExp(String.raw`^\s*echo\s+${word}\s*\|\s*docker\s+login\s+([^\n]*)$`);
  const [, password, rest] = pattern.exec(script.trim()) ?? [];
  if (password === undefined || rest === undefined || !rest.includes("--password-stdin")) return undefined;
  const words = rest.match(new RegExp(word, "g")) ?? [];
  const at = words.findIndex((each) => each === "-u" || each === "--username");
  const user = words[at + 1];
  const host = words.find((each, index) => !each.startsWith("-") && index !== at + 1);
  if (at < 0 || user === undefined) return undefined;
  return { username: value(user), password: value(password), ...(host === undefined ? {} : { registry: value(host) }) };
}

/** Reads the inputs of `docker/login-action` as a login; undefined: GitHub's own registry, which needs none. */
export function loginOf(inputs: YamlMap): AdoptedLogin | undefined {
  const host = yamlText(inputs["registry"] ?? "docker.io");
  const password = yamlText(inputs["password"]);
  if (host === "ghcr.io" && /secrets\.GITHUB_TOKEN|github\.token/.test(password)) return undefined;
  return { host, user: yamlText(inputs["username"]), password };
}

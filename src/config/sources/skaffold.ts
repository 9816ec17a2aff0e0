import { replaceSpans } from "../../formats/spans.ts";
import { before } from "../../formats/trim.ts";
import { posix } from "node:path";
import type { Host } from "../../host.ts";
import type { BuildSecret, BuildSettings, LeftOut, NamedContext } from "../../model/service.ts";
import { type Cursor, cursorOf, isMap, readText, readTextMap, readTexts } from "../written/cursor.ts";
import { reportKeys, skaffoldBuilderKeys } from "./definition-keys.ts";
import { type Files, pathFromRoot } from "../files.ts";
import { readImageReferences } from "../project/image-references.ts";
import type { ArgLayer, SourceServices, FoundService, Unbuildable } from "../project/layer.ts";
import { addFault, type Faults, type Place, type PlacedValue } from "../written/place.ts";
import { readPlatforms } from "../project/platforms.ts";
import { credentialFault, isCredential } from "./suspicious-args.ts";
import { parseYamlFiles } from "../written/yaml-file.ts";

const names = ["skaffold.yaml", "skaffold.yml"];
const otherBuilders = ["bazel", "jib", "buildpacks", "ko", "custom"];

/** Skaffold's file at the root. Empty: none. */
export async function skaffoldFiles(files: Files): Promise<string[]> {
  for (const name of names) if (await files.isFile(name)) return [name];
  return [];
}

interface Reading {
  readonly host: Host;
  readonly files: Files;
  readonly faults: Faults;
  readonly artifacts: Artifact[];
  readonly leftOut: LeftOut[];
  readonly unbuildable: Unbuildable[];
  readonly warnings: Set<string>;
  readonly seen: Set<string>;
}

interface Artifact {
  readonly cursor: Cursor;
  readonly image: PlacedValue<string>;
  readonly folder: string;
  /** `build.platforms` of its file. */
  readonly platforms: readonly PlacedValue<string>[];
}

/** Reads artifacts with a Dockerfile, including those of required files. Profiles are ignored. */
export async function findSkaffold(
  host: Host,
  files: Files,
  paths: readonly string[],
  faults: Faults,
): Promise<SourceServices> {
  const reading: Reading = {
    host,
    files,
    faults,
    artifacts: [],
    warnings: new Set(),
    leftOut: [],
    unbuildable: [],
    seen: new Set(),
  };
  for (const path of paths) await readSkaffold(path, { file: path }, reading);
  const serviceOf = new Map(reading.artifacts.map(({ image }) => [image.value, serviceName(image.value)]));
  const services = reading.artifacts.flatMap((artifact) => makeArtifact(artifact, serviceOf, reading));
  const { leftOut, unbuildable } = reading;
  return { services, leftOut, unbuildable, source: paths[0] ?? "skaffold.yaml", warnings: [...reading.warnings] };
}

/** The last part of the image's name: `frontend` of `gcr.io/acme/frontend`. */
function serviceName(image: string): string {
  return posix.basename(before(image, "@").replace(/:[^:/]*$/, ""));
}

async function readSkaffold(path: string, at: Place, reading: Reading): Promise<void> {
  if (reading.seen.has(path)) return;
  reading.seen.add(path);
  const { files, faults, host } = reading;
  const text = await files.readText(path);
  if (text === undefined) addFault(faults, at, `the file "${path}" is not there`);
  const folder = posix.dirname(path);
  for (const yaml of parseYamlFiles(path, text ?? "", faults) ?? []) {
    const root = cursorOf(yaml, (written, place) => fillTemplate(written, place, host.env, faults));
    if (yaml.value !== null && yaml.value !== undefined && !isMap(yaml.value))
      addFault(faults, root.at, "must be a map");
    for (const required of root.get("requires").items()) {
      const written = readText(required.get("path"), "path", faults);
      if (written === undefined) continue;
      const other = await requiredFile(folder, written, files);
      if (other === undefined) addFault(faults, written.at, `"${written.value}" is not in the repository`);
      else await readSkaffold(other, written.at, reading);
    }
    const build = root.get("build");
    const platforms = readTexts(build.get("platforms"), "platforms", faults);
    for (const cursor of build.get("artifacts").items()) {
      const image = readText(cursor.get("image"), "image", faults);
      if (image === undefined) addFault(faults, cursor.at, 'an artifact needs an "image"');
      else reading.artifacts.push({ cursor, image, folder, platforms });
    }
  }
}

async function requiredFile(folder: string, written: PlacedValue<string>, files: Files): Promise<string | undefined> {
  const path = pathFromRoot(folder, written.value);
  if (path === undefined) return undefined;
  if (/\.ya?ml$/.test(path)) return path;
  for (const name of names) if (await files.isFile(posix.join(path, name))) return posix.join(path, name);
  return undefined;
}

/** Fills in Skaffold's templates: `{{.NAME}}` is an environment variable; others cannot be planned. */
function fillTemplate(
  text: string,
  at: Place,
  env: Readonly<Record<string, string | undefined>>,
  faults: Faults,
): string {
  return replaceSpans(text, [["{{", "}}"]], (inside, whole) => {
    const name = /^\s*\.([A-Za-z_]\w*)\s*$/.exec(inside)?.[1];
    const value = name === undefined ? undefined : env[name];
    if (name === undefined) addFault(faults, at, `the template "${whole}" is not understood; only {{.VARIABLE}} is`);
    else if (value === undefined) addFault(faults, at, `the environment variable "${name}" is not set`);
    else if (isCredential(name, value)) addFault(faults, at, credentialFault(name));
    return value ?? "";
  });
}

function makeArtifact(artifact: Artifact, serviceOf: ReadonlyMap<string, string>, reading: Reading): FoundService[] {
  const { cursor, image, folder } = artifact;
  const { faults, leftOut, unbuildable } = reading;
  const other = otherBuilders.find((builder) => cursor.get(builder).value !== undefined);
  if (other !== undefined) {
    const because = `it is built by ${other}, without a Dockerfile`;
    leftOut.push({ path: `${cursor.at.file}: ${image.value}`, because });
    unbuildable.push({ name: serviceName(image.value), at: image.at, because });
    return [];
  }
  const docker = cursor.get("kaniko").value === undefined ? cursor.get("docker") : cursor.get("kaniko");
  const keys = docker.entries().map(([key, { keyAt }]) => ({ key, at: keyAt }));
  reportKeys(skaffoldBuilderKeys, serviceName(image.value), keys, reading);
  const context = inside(
    folder,
    readText(cursor.get("context"), "context", faults) ?? { value: ".", at: image.at },
    faults,
  );
  const written = readText(docker.get("dockerfile"), "dockerfile", faults);
  const dockerfile =
    context === undefined
      ? undefined
      : inside(context.value, written ?? { value: "Dockerfile", at: context.at }, faults);
  if (context === undefined || dockerfile === undefined) return [];
  const { layer, aliases } = readImageReferences([image]);
  const own = readTexts(cursor.get("platforms"), "platforms", faults);
  const platforms = readPlatforms(own.length === 0 ? artifact.platforms : own, faults);
  const target = readText(docker.get("target"), "target", faults)?.value;
  const required = readRequired(cursor.get("requires"), serviceOf, faults);
  return [
    {
      name: serviceName(image.value),
      at: image.at,
      context,
      dockerfile,
      aliases,
      layer: {
        ...layer,
        ...(platforms.length === 0 ? {} : { platforms }),
        ...(target === undefined ? {} : { target }),
        args: { ...readArgs(docker.get("buildArgs"), faults), ...required.args },
        contexts: required.contexts,
        needs: required.needs,
        secrets: readSecrets(docker, faults),
        ssh: readTexts(docker.get("ssh"), "ssh", faults).map(({ value }) => value),
        settings: readSettings(docker, faults),
      },
    },
  ];
}

function inside(folder: string, { value, at }: PlacedValue<string>, faults: Faults): PlacedValue<string> | undefined {
  const path = pathFromRoot(folder, value);
  if (path === undefined) addFault(faults, at, `"${value}" lies outside of the repository`);
  return path === undefined ? undefined : { value: path, at };
}

function readArgs(cursor: Cursor, faults: Faults): Record<string, ArgLayer> {
  const args = Object.entries(readTextMap(cursor, "buildArgs", faults));
  return Object.fromEntries(args.map(([name, { value, at }]) => [name, { value, at }]));
}

/**
 * Reads `requires`: Skaffold passes the artifact's image as the build arg `alias` (default: the image's name). Here the arg holds the name,
 * and a named context of that name is the other service's image.
 */
function readRequired(cursor: Cursor, serviceOf: ReadonlyMap<string, string>, faults: Faults) {
  const args: Record<string, ArgLayer> = {};
  const contexts: Record<string, PlacedValue<NamedContext>> = {};
  const needs: PlacedValue<string>[] = [];
  for (const item of cursor.items()) {
    const image = readText(item.get("image"), "image", faults);
    if (image === undefined) continue;
    const service = serviceOf.get(image.value);
    if (service === undefined) {
      addFault(faults, image.at, `no artifact has the image "${image.value}"`);
      continue;
    }
    const alias = readText(item.get("alias"), "alias", faults)?.value ?? image.value;
    if (/^[A-Za-z_]\w*$/.test(alias)) args[alias] = { value: image.value, at: item.at };
    contexts[image.value] = { value: { kind: "service", service }, at: image.at };
    needs.push({ value: service, at: image.at });
  }
  return { args, contexts, needs };
}

function readSecrets(docker: Cursor, faults: Faults): BuildSecret[] {
  const single = docker.get("secret");
  const cursors = [...docker.get("secrets").items(), ...(isMap(single.value) ? [single] : [])];
  return cursors.flatMap((each) => {
    const id = readText(each.get("id"), "id", faults)?.value;
    const path = readText(each.get("src"), "src", faults)?.value;
    const env = readText(each.get("env"), "env", faults)?.value;
    if (id === undefined) return [];
    return [
      {
        id,
        from: path === undefined ? ({ kind: "env", name: env ?? id } as const) : ({ kind: "file", path } as const),
      },
    ];
  });
}

function readSettings(docker: Cursor, faults: Faults): BuildSettings {
  const network = readText(docker.get("network"), "network", faults)?.value.toLowerCase();
  const extraHosts = readTexts(docker.get("addHost"), "addHost", faults).map(({ value }) => value);
  return {
    ...(network === "host" || network === "none" ? { network } : {}),
    ...(extraHosts.length === 0 ? {} : { extraHosts }),
  };
}

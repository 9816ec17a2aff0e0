import { byCodeUnit } from "../../model/order.ts";
import { parsePlatform } from "../../model/platform.ts";
import type { BuildSecret, BuildSettings, CacheSetting, NamedContext } from "../../model/service.ts";
import { gitContext, imageContext, parseContext } from "../project/contexts.ts";
import type { ArgLayer, Layer } from "../project/layer.ts";
import { addFault, type Faults, type PlacedValue } from "./place.ts";
import { parseDuration } from "../project/templates.ts";
import { checkSecretVariable } from "../sources/entitlements.ts";
import { readSecret, type WrittenSecret } from "./written-secret.ts";
import type { WrittenSettings } from "./written.ts";
import type { Path, YamlFile } from "./yaml-file.ts";

type WrittenArg = NonNullable<WrittenSettings["args"]>[string];
type WrittenContext = NonNullable<WrittenSettings["contexts"]>[string];

/** Converts the settings at one place of slipway.yaml (`[]`: the top level) into a layer. */
export function writtenLayer(written: WrittenSettings, yaml: YamlFile, path: Path, faults: Faults): Layer {
  const placed =
    (key: string) =>
    (value: string, index: number): PlacedValue<string> => ({
      value,
      at: yaml.place([...path, key, index]),
    });
  const { images, tags, platforms, args, target, needs, contexts, secrets, ssh } = written;
  const { labels, annotations, generated, bases, refresh, cache, sbom } = written;
  const asWritten =
    (key: string) =>
    (value: string | number | boolean, name: string): string =>
      yaml.written([...path, key, name]) ?? String(value);
  return {
    ...(images === undefined ? {} : { images: listOf(images).map(placed("images")) }),
    ...(tags === undefined ? {} : { tags: { ...withoutUndefined(tags) } }),
    ...(platforms === undefined ? {} : { platforms: parsePlatforms(listOf(platforms)) }),
    ...(args === undefined
      ? {}
      : { args: mapValues(args, (arg, name) => argLayer(arg, yaml, [...path, "args", name])) }),
    ...(target === undefined ? {} : { target }),
    ...(needs === undefined ? {} : { needs: listOf(needs).map(placed("needs")) }),
    ...(contexts === undefined ? {} : { contexts: readContexts(contexts, yaml, [...path, "contexts"], faults) }),
    ...(secrets === undefined ? {} : { secrets: readSecrets(secrets, yaml, [...path, "secrets"], faults) }),
    ...(ssh === undefined ? {} : { ssh: listOf(ssh) }),
    ...(labels === undefined ? {} : { labels: mapValues(labels, asWritten("labels")) }),
    ...(annotations === undefined ? {} : { annotations: mapValues(annotations, asWritten("annotations")) }),
    ...(generated === undefined ? {} : { generated: listOf(generated) }),
    ...(bases === undefined ? {} : { bases }),
    ...(refresh === undefined ? {} : { refreshSeconds: parseDuration(refresh) ?? null }),
    ...(cache === undefined ? {} : { cache: readCache(cache) }),
    ...(sbom === undefined ? {} : { sbom }),
    settings: readSettings(written, yaml.written([...path, "shmSize"])),
  };
}

/** Parses platforms: sorted, each once. */
function parsePlatforms(written: readonly string[]) {
  const parsed = written.map(parsePlatform).filter((platform) => platform !== undefined);
  return [...new Set(parsed)].sort(byCodeUnit);
}

function listOf<T>(value: T | readonly T[]): T[] {
  return isList(value) ? [...value] : [value];
}

function isList<T>(value: T | readonly T[]): value is readonly T[] {
  return Array.isArray(value);
}

function mapValues<T, U>(map: Readonly<Record<string, T>>, convert: (value: T, name: string) => U): Record<string, U> {
  return Object.fromEntries(Object.entries(map).map(([name, value]) => [name, convert(value, name)]));
}

function withoutUndefined(tags: NonNullable<WrittenSettings["tags"]>): NonNullable<Layer["tags"]> {
  return {
    ...(tags.version === undefined ? {} : { version: [...new Set(tags.version)] }),
    ...(tags.branch === undefined ? {} : { branch: [...new Set(tags.branch)] }),
  };
}

function argLayer(arg: WrittenArg, yaml: YamlFile, path: Path): ArgLayer {
  const at = yaml.place(path, "key");
  if (arg === null) return { value: null, at };
  if (typeof arg !== "object") return { value: yaml.written(path) ?? String(arg), at };
  return {
    ...(arg.value === undefined ? {} : { value: yaml.written([...path, "value"]) ?? String(arg.value) }),
    ...(arg.env === undefined ? {} : { env: arg.env }),
    ...(arg.stamp === undefined ? {} : { stamp: arg.stamp }),
    ...(arg.allow === undefined ? {} : { allow: arg.allow }),
    at,
  };
}

function readContexts(
  written: Readonly<Record<string, WrittenContext>>,
  yaml: YamlFile,
  path: Path,
  faults: Faults,
): Record<string, PlacedValue<NamedContext>> {
  const contexts: Record<string, PlacedValue<NamedContext>> = {};
  for (const [name, each] of Object.entries(written)) {
    const at = yaml.place([...path, name]);
    const context = readContext(each);
    if ("fault" in context) addFault(faults, at, context.fault);
    else contexts[name] = { value: context, at };
  }
  return contexts;
}

function readContext(written: WrittenContext): NamedContext | { readonly fault: string } {
  if (typeof written === "string") return parseContext(written, ".");
  if ("service" in written) return { kind: "service", service: written.service };
  if ("image" in written) return imageContext(written.image);
  if ("git" in written) return gitContext(written.git);
  const folder = parseContext(`./${written.folder}`, ".");
  return written.folder.startsWith("/") ? parseContext(written.folder, ".") : folder;
}

function readSecrets(written: readonly WrittenSecret[], yaml: YamlFile, path: Path, faults: Faults): BuildSecret[] {
  return written.flatMap((each, index) => {
    const secret = readSecret(each);
    const at = yaml.place([...path, index]);
    if (secret === undefined) {
      addFault(faults, at, 'a secret needs "id=NAME" and one of "env=VARIABLE", "src=FILE"');
      return [];
    }
    checkSecretVariable(secret, at, faults);
    return [secret];
  });
}

function readCache(written: NonNullable<WrittenSettings["cache"]>): CacheSetting {
  if (written === "auto") return "auto";
  if (written === "none") return [];
  return [...new Set(listOf(written))];
}

function readSettings(settings: WrittenSettings, shmSizeWritten: string | undefined): BuildSettings {
  const { network, extraHosts, ulimits, shmSize } = settings;
  return {
    ...(network === undefined ? {} : { network }),
    ...(extraHosts === undefined ? {} : { extraHosts: listOf(extraHosts) }),
    ...(ulimits === undefined ? {} : { ulimits: listOf(ulimits) }),
    ...(shmSize === undefined ? {} : { shmSize: shmSizeWritten ?? String(shmSize) }),
  };
}

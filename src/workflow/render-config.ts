import type { YamlMap, YamlValue } from "../formats/yaml-data.ts";
import type { AdoptedService } from "./adopted.ts";
import { withMarker } from "./marker.ts";
import { renderYaml } from "./yaml-value.ts";

/** Service as discovery would read it, to find the settings that slipway.yaml must contain. */
export interface PlainService {
  readonly name: string;
  readonly context: string;
  readonly dockerfile: string;
  readonly target: string | undefined;
  readonly images: readonly string[];
  readonly platforms: readonly string[];
  readonly tags: { readonly version: readonly string[]; readonly branch: readonly string[] };
}

/** Adopted service with the one that discovery would read, and the files that a step before the build makes. */
export interface NamedService {
  readonly adopted: AdoptedService;
  /** Service of discovery; undefined: discovery does not find it, so the file must list the services. */
  readonly plain: PlainService | undefined;
  readonly generated: readonly string[];
}

/** Plans the slipway.yaml that keeps builds unchanged; undefined: the conventions are enough. */
export function planConfig(
  services: readonly NamedService[],
  options: { readonly gitTag: string; readonly listsServices: boolean },
): YamlMap | undefined {
  const entries = services.map((each) => [each.adopted.name, planService(each, options.listsServices)] as const);
  const images = sharedTemplate(services);
  const tags = sharedTags(services);
  const own = entries.map(([name, entry]) => [name, without(entry, images !== undefined, tags !== undefined)] as const);
  const needed = own.filter(([, entry]) => Object.keys(entry).length > 0 || options.listsServices);
  const config: YamlMap = {
    images: isPlainImages(services) ? undefined : images,
    tags: tags === undefined || tags === "plain" ? undefined : tags,
    groups: options.gitTag === "v{version}" ? undefined : { default: { tag: options.gitTag } },
    services: needed.length === 0 ? undefined : Object.fromEntries(needed),
  };
  const said = Object.entries(config).filter(([, value]) => value !== undefined);
  return said.length === 0 ? undefined : Object.fromEntries(said);
}

/** Renders slipway.yaml, with a mark by which later runs detect edits. */
export function renderConfig(config: YamlMap): string {
  const lines = [
    "# What conventions do not say of this repository; everything is in docs/reference/configuration.md of Slipway.",
    "",
    ...renderYaml(config, 0),
  ];
  return withMarker(`${lines.join("\n")}\n`);
}

function planService({ adopted, plain, generated }: NamedService, lists: boolean): YamlMap {
  const { context, dockerfile, target, args, platforms, secrets, contexts, labels, settings } = adopted;
  const defaultDockerfile = context === "." ? "Dockerfile" : `${context}/Dockerfile`;
  const entry: Record<string, YamlValue | undefined> = {
    context: lists || plain?.context !== context ? context : undefined,
    dockerfile:
      (lists && dockerfile !== defaultDockerfile) || (!lists && plain?.dockerfile !== dockerfile)
        ? dockerfile
        : undefined,
    target: plain?.target === target ? undefined : target,
    images: adopted.images.length === 1 ? adopted.images[0] : adopted.images,
    tags: adopted.tags,
    platforms: same(plain?.platforms ?? ["linux/amd64"], platforms) ? undefined : platforms,
    args: Object.keys(args).length === 0 ? undefined : writtenArgs(args),
    secrets: secrets.length === 0 ? undefined : secrets,
    contexts: Object.keys(contexts).length === 0 ? undefined : contexts,
    labels: Object.keys(labels).length === 0 ? undefined : labels,
    generated: generated.length === 0 ? undefined : generated,
    ...settings,
  };
  return Object.fromEntries(Object.entries(entry).filter(([, value]) => value !== undefined));
}

function writtenArgs(args: AdoptedService["args"]): YamlMap {
  return Object.fromEntries(
    Object.entries(args).map(([name, arg]) => {
      if ("value" in arg) return [name, arg.value];
      return [name, arg.stamp ? { env: arg.env, stamp: true } : { env: arg.env }];
    }),
  );
}

/** Removes the settings of an entry that apply to all services. */
function without(entry: YamlMap, hasImages: boolean, hasTags: boolean): YamlMap {
  return Object.fromEntries(
    Object.entries(entry).filter(([key]) => !(key === "images" && hasImages) && !(key === "tags" && hasTags)),
  );
}

/** Returns a template such as `ghcr.io/acme/shop/{service}`, if it gives each service its own image names. */
function sharedTemplate(services: readonly NamedService[]): YamlValue | undefined {
  const [first] = services;
  if (first === undefined) return undefined;
  const templates = first.adopted.images.map((image) => {
    const end = image.endsWith(first.adopted.name) ? image.length - first.adopted.name.length : -1;
    return end < 0 ? undefined : `${image.slice(0, end)}{service}`;
  });
  const fits = services.every(({ adopted }) =>
    same(
      adopted.images,
      templates.map((template) => template?.replace("{service}", adopted.name) ?? ""),
    ),
  );
  if (!fits) return undefined;
  return templates.length === 1 ? templates[0] : templates.filter((template) => template !== undefined);
}

function isPlainImages(services: readonly NamedService[]): boolean {
  return services.every(({ adopted, plain }) => plain !== undefined && same(plain.images, adopted.images));
}

/** Returns the tags if all services have the same; `plain`: they follow the conventions. */
function sharedTags(services: readonly NamedService[]): YamlMap | "plain" | undefined {
  const all = new Set(services.map(({ adopted }) => JSON.stringify(adopted.tags)));
  const [first] = services;
  if (all.size !== 1 || first === undefined) return undefined;
  const { tags } = first.adopted;
  if (tags === undefined) return "plain";
  const isPlain = services.every(({ plain }) => sameTags(plain?.tags, tags));
  return isPlain ? "plain" : tags;
}

function sameTags(plain: PlainService["tags"] | undefined, tags: PlainService["tags"]): boolean {
  if (plain === undefined) return false;
  return (
    same([...plain.version].sort(), [...tags.version].sort()) && same([...plain.branch].sort(), [...tags.branch].sort())
  );
}

function same(left: readonly string[], right: readonly string[]): boolean {
  return left.length === right.length && left.every((each, index) => each === right[index]);
}

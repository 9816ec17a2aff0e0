import { readYamlText } from "../formats/yaml-document.ts";
import { isMap, isScalar, isSeq, type Document, type YAMLSeq } from "yaml";

/** The existing configuration of semantic-release. */
export interface FoundReleaserc {
  /** Path of the configuration: `.releaserc`, `.releaserc.json`, `package.json`, `release.config.js`. */
  readonly path: string;
  readonly text: string;
}

/** Settings for the plugin. */
export interface ReleasercRequest {
  readonly trunk: string;
  /** Git tag of a version: `v{version}`. */
  readonly tag: string;
  /** Name of the group; undefined: there is only one group, which need not be named. */
  readonly group: string | undefined;
  /** Markers around the images section of the GitHub release. */
  readonly markers: { readonly begin: string; readonly end: string };
}

/** The planned configuration. `after` equals `before` if nothing is missing or it cannot be written. */
export interface PlannedReleaserc {
  readonly path: string;
  readonly before: string | null;
  readonly after: string;
  /** Branches in the configuration, as far as a workflow can filter by them. */
  readonly branches: readonly string[];
  /** Notes for the user. */
  readonly notes: readonly string[];
}

/** Lists the plugins of a configuration; empty for a script, or without a list. */
export function pluginsOf(text: string): string[] {
  const read = readYamlText(text);
  if (read === undefined) return [];
  const config = asMap((read.value ?? {}) as Json);
  const own = config["plugins"] ?? asMap(config["release"] ?? {})["plugins"];
  return asList(own).flatMap((plugin) => nameOf(plugin) ?? []);
}

type Json = null | boolean | number | string | readonly Json[] | { readonly [key: string]: Json };
type JsonMap = { readonly [key: string]: Json };

/** Name by which semantic-release loads the plugin. */
const pluginName = "slipway/semantic-release";
const githubPlugin = "@semantic-release/github";
/** Default plugins of semantic-release. Source: semantic-release 24, docs/usage/plugins.md. */
const defaultPlugins: readonly Json[] = [
  "@semantic-release/commit-analyzer",
  "@semantic-release/release-notes-generator",
  "@semantic-release/npm",
];

/** Adds the plugin to the existing configuration, in its format, or makes a new one. */
export function planReleaserc(found: FoundReleaserc | undefined, request: ReleasercRequest): PlannedReleaserc {
  if (found === undefined) return makeNew(request);
  const { path, text } = found;
  if (/\.[cm]?[jt]s$/.test(path)) return leave(found, request, "is a script");
  if (path === "package.json") return editJson(found, request, "release");
  return isJson(text) ? editJson(found, request, undefined) : editYaml(found, request);
}

function makeNew(request: ReleasercRequest): PlannedReleaserc {
  const config = complete({ branches: [request.trunk], plugins: defaultPlugins.slice(0, 2) }, request);
  return {
    path: ".releaserc.json",
    before: null,
    after: `${JSON.stringify(config, null, 2)}\n`,
    branches: [request.trunk],
    notes: [],
  };
}

/** Leaves a script unchanged, and reports the missing parts. `why`: "is a script". */
function leave({ path, text }: FoundReleaserc, request: ReleasercRequest, why: string): PlannedReleaserc {
  const entry = JSON.stringify(pluginEntry(request));
  const notes = text.includes(pluginName)
    ? []
    : [`${path} ${why} and stays as it is: add ${entry} to its plugins, before "${githubPlugin}"`];
  return { path, before: text, after: text, branches: [request.trunk], notes };
}

function editJson(found: FoundReleaserc, request: ReleasercRequest, key: string | undefined): PlannedReleaserc {
  const { path, text } = found;
  const whole = asMap(JSON.parse(text) as Json);
  const config = key === undefined ? whole : asMap(whole[key] ?? {});
  const next = complete(config, request);
  const same = JSON.stringify(next) === JSON.stringify(config);
  const indent = /^([ \t]+)"/m.exec(text)?.[1] ?? "  ";
  const after = JSON.stringify(key === undefined ? next : { ...whole, [key]: next }, null, indent);
  return {
    path,
    before: text,
    after: same ? text : `${after}${text.endsWith("\n") ? "\n" : ""}`,
    branches: branchesOf(config, request),
    notes: notesOn(config, request),
  };
}

/** Edits YAML; comments and the order of keys stay. */
function editYaml(found: FoundReleaserc, request: ReleasercRequest): PlannedReleaserc {
  const { path, text } = found;
  const read = readYamlText(text);
  if (read === undefined) return leave(found, request, "is neither JSON nor YAML");
  const { document } = read;
  const config = asMap((read.value ?? {}) as Json);
  const next = complete(config, request);
  const same = JSON.stringify(next) === JSON.stringify(config);
  if (!same) writeYaml(document, config, next);
  return {
    path,
    before: text,
    after: same ? text : document.toString({ lineWidth: 0 }),
    branches: branchesOf(config, request),
    notes: notesOn(config, request),
  };
}

function writeYaml(document: Document, config: JsonMap, next: JsonMap): void {
  if (next["tagFormat"] !== config["tagFormat"]) document.set("tagFormat", next["tagFormat"]);
  const plugins = document.get("plugins");
  if (!isSeq(plugins)) {
    document.set("plugins", document.createNode(next["plugins"]));
    return;
  }
  const wanted = asList(next["plugins"]);
  for (const [index, plugin] of wanted.entries()) {
    if (nameAt(plugins, index) === nameOf(plugin)) {
      if (
        JSON.stringify(asList(config["plugins"])[index]) !== JSON.stringify(plugin) &&
        nameOf(plugin) === githubPlugin
      )
        plugins.set(index, document.createNode(plugin));
    } else plugins.items.splice(index, 0, document.createNode(plugin));
  }
}

function nameAt(plugins: YAMLSeq, index: number): string | undefined {
  const item: unknown = plugins.items[index];
  const first: unknown = isSeq(item) ? item.items[0] : isMap(item) ? item.get("path", true) : item;
  return isScalar(first) && typeof first.value === "string" ? first.value : undefined;
}

/** Completes a configuration: the plugin before GitHub's, its body template, the tag format of the group. */
function complete(config: JsonMap, request: ReleasercRequest): JsonMap {
  const tagFormat = request.tag.replace("{version}", "${version}");
  const isUsual = tagFormat === "v${version}";
  return {
    ...config,
    ...(config["tagFormat"] === undefined && !isUsual ? { tagFormat } : {}),
    plugins: completePlugins(config["plugins"], request),
  };
}

function completePlugins(written: Json | undefined, request: ReleasercRequest): readonly Json[] {
  const plugins = written === undefined ? [...defaultPlugins, githubPlugin] : asList(written);
  const withGithub = plugins.some((plugin) => nameOf(plugin) === githubPlugin) ? plugins : [...plugins, githubPlugin];
  const withBody = withGithub.map((plugin) =>
    nameOf(plugin) === githubPlugin ? withTemplate(plugin, request) : plugin,
  );
  if (plugins.some((plugin) => nameOf(plugin) === pluginName)) return withBody;
  const at = withBody.findIndex((plugin) => nameOf(plugin) === githubPlugin);
  return [...withBody.slice(0, at), pluginEntry(request), ...withBody.slice(at)];
}

function pluginEntry({ group }: ReleasercRequest): Json {
  return group === undefined ? pluginName : [pluginName, { group }];
}

/** Sets the template of a GitHub release: the notes, then the place of the images. An existing template is kept, with the images at its end. */
function withTemplate(plugin: Json, { markers }: ReleasercRequest): Json {
  const settings = settingsOf(plugin);
  if (settings["releaseBodyTemplate"] !== undefined) return plugin;
  const releaseBodyTemplate = `<%= nextRelease.notes %>\n\n${markers.begin}\n${markers.end}\n`;
  return [githubPlugin, { ...settings, releaseBodyTemplate }];
}

function notesOn(config: JsonMap, { tag, group }: ReleasercRequest): string[] {
  const expected = tag.replace("{version}", "${version}");
  const tagFormat = config["tagFormat"];
  if (typeof tagFormat !== "string" || tagFormat === expected) return [];
  const written = tagFormat.replace("${version}", "{version}");
  return [
    `semantic-release tags versions as "${tagFormat}": write under groups.${group ?? "default"} in slipway.yaml: tag: "${written}"`,
  ];
}

/** Returns the branches whose names contain no character with a meaning in GitHub's filters. */
function branchesOf({ branches }: JsonMap, { trunk }: ReleasercRequest): string[] {
  if (branches === undefined) return [trunk];
  const names = (Array.isArray(branches) ? (branches as readonly Json[]) : [branches]).flatMap((branch) => {
    const name = typeof branch === "string" ? branch : asMap(branch)["name"];
    return typeof name === "string" && /^[\w./-]+$/.test(name) ? [name] : [];
  });
  return names.length === 0 ? [trunk] : names;
}

function nameOf(plugin: Json | undefined): string | undefined {
  if (typeof plugin === "string") return plugin;
  const first = Array.isArray(plugin) ? (plugin as readonly Json[])[0] : asMap(plugin ?? null)["path"];
  return typeof first === "string" ? first : undefined;
}

function settingsOf(plugin: Json): JsonMap {
  if (Array.isArray(plugin)) return asMap((plugin as readonly Json[])[1] ?? {});
  const { path: _path, ...settings } = asMap(plugin);
  return settings;
}

function asMap(value: Json): JsonMap {
  return typeof value === "object" && value !== null && !Array.isArray(value) ? (value as JsonMap) : {};
}

function asList(value: Json | undefined): readonly Json[] {
  if (value === undefined) return [];
  return Array.isArray(value) ? (value as readonly Json[]) : [value];
}

function isJson(text: string): boolean {
  try {
    JSON.parse(text);
    return true;
  } catch {
    return false;
  }
}

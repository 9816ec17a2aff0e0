import { posix } from "node:path";
import { tagsOfImage } from "../../src/model/image-tags.ts";
import type { NamedContext, Service } from "../../src/model/service.ts";
import { renderImageTags } from "../../src/records/tags.ts";
import type { Image } from "./definition.ts";

type Target = Readonly<Record<string, unknown>>;

/** A target that bake printed, in the common form. Paths come out relative to the root. */
export function imageOfTarget(target: Target, root: string): Image {
  const context = relative(textOf(target["context"]) ?? ".", root);
  return {
    context,
    dockerfile: posix.normalize(posix.join(context, textOf(target["dockerfile"]) ?? "Dockerfile")),
    target: textOf(target["target"]) ?? "",
    args: textMap(target["args"]),
    labels: textMap(target["labels"]),
    contexts: Object.fromEntries(
      Object.entries(textMap(target["contexts"])).map(([name, value]) => [
        name,
        /^(?:target:|docker-image:|https:)/.test(value) ? value : relative(value, root),
      ]),
    ),
    platforms: platformsOf(target["platforms"]),
    secrets: listOf(target["secret"])
      .map((secret) => secretOf(secret, root))
      .sort(),
    settings: {
      network: [textOf(target["network"]) ?? "default"],
      shmSize: target["shm-size"] === undefined ? [] : [String(bytesOf(textOf(target["shm-size"]) ?? ""))],
      ulimits: textList(target["ulimits"]).sort(),
      extraHosts: hostsOf(textMap(target["extra-hosts"])),
      annotations: textList(target["annotations"])
        .map((text) => text.replace(/^manifest:/, ""))
        .sort(),
    },
  };
}

export function imageOfService(service: Service): Image {
  const { settings } = service;
  return {
    context: service.context,
    dockerfile: service.dockerfile,
    target: service.target ?? "",
    args: Object.fromEntries(Object.entries(service.args).map(([name, { value }]) => [name, value])),
    labels: service.labels,
    contexts: Object.fromEntries(Object.entries(service.contexts).map(([name, each]) => [name, contextText(each)])),
    platforms: service.platforms,
    secrets: service.secrets
      .map(({ id, from }) => `${id} ${from.kind} ${from.kind === "file" ? from.path : from.name}`)
      .sort(),
    settings: {
      network: [settings.network ?? "default"],
      shmSize: settings.shmSize === undefined ? [] : [String(bytesOf(settings.shmSize))],
      ulimits: (settings.ulimits ?? []).map(fullLimit).sort(),
      extraHosts: [...(settings.extraHosts ?? [])].sort(),
      annotations: Object.entries(service.annotations)
        .map(([name, value]) => `${name}=${value}`)
        .sort(),
    },
  };
}

/** `name:tag` of everything a service gets at a release of the version. */
export function tagsAtRelease(service: Service, version: string): string[] {
  const subject = { kind: "version", version } as const;
  const rendered = renderImageTags(service, service.images, {
    service: service.name,
    group: service.group,
    subject,
    commit: "0123456789012345678901234567890123456789",
  });
  return service.images
    .flatMap((image) => {
      const { version: fixed, moving } = tagsOfImage(rendered, image);
      return [...fixed, ...moving].map((tag) => `${image}:${tag}`);
    })
    .sort();
}

function contextText(context: NamedContext): string {
  switch (context.kind) {
    case "service":
      return `target:${context.service}`;
    case "image":
      return `docker-image://${context.reference}`;
    case "folder":
      return context.path;
    case "git":
      return context.url;
  }
}

function relative(path: string, root: string): string {
  const inside = posix.isAbsolute(path) ? posix.relative(root, path) : posix.normalize(path);
  return inside === "" ? "." : inside.replace(/(?<=.)\/$/, "");
}

function secretOf(written: unknown, root: string): string {
  const secret = mapOf(written);
  const [id = "", path, name] = [textOf(secret["id"]), textOf(secret["src"]), textOf(secret["env"])];
  return path === undefined ? `${id} env ${name ?? id}` : `${id} file ${relative(path, root)}`;
}

/** bake writes several addresses of a host in one text, and an address that two files give twice. */
function hostsOf(hosts: Readonly<Record<string, string>>): string[] {
  const all = Object.entries(hosts).flatMap(([host, text]) => text.split(",").map((address) => `${host}:${address}`));
  return [...new Set(all)].sort();
}

function platformsOf(value: unknown): string[] {
  const platforms = [...new Set(textList(value))].sort();
  return platforms.length === 0 ? ["linux/amd64"] : platforms;
}

/** `64m`, `1gb`, `64MiB`, `65536` in bytes. */
function bytesOf(text: string): number {
  const [, count = "", unit = ""] = /^([\d.]+)\s*([kmg]?)i?b?$/i.exec(text) ?? [];
  const powers: Readonly<Record<string, number>> = { "": 0, k: 1, m: 2, g: 3 };
  return Number(count) * 1024 ** (powers[unit.toLowerCase()] ?? Number.NaN);
}

/** One number stands for both limits. */
function fullLimit(text: string): string {
  return text.includes(":") ? text : `${text}:${text.slice(text.indexOf("=") + 1)}`;
}

export function mapOf(value: unknown): Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null ? Object.fromEntries(Object.entries(value)) : {};
}

function listOf(value: unknown): readonly unknown[] {
  return Array.isArray(value) ? value : [];
}

/** bake prints so that its output can be read again: `${` and `%{` are doubled. */
function textOf(value: unknown): string | undefined {
  return typeof value === "string" ? value.replaceAll("$${", "${").replaceAll("%%{", "%{") : undefined;
}

export function textList(value: unknown): string[] {
  return listOf(value).flatMap((each) => textOf(each) ?? []);
}

function textMap(value: unknown): Record<string, string> {
  return Object.fromEntries(
    Object.entries(mapOf(value)).flatMap(([key, each]) => {
      const text = textOf(each);
      return text === undefined ? [] : [[key, text] as const];
    }),
  );
}

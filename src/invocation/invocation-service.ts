import { classifySource } from "../dockerfile/stages/remote.ts";
import type { BuildInvocation } from "../model/build-invocation.ts";
import type { Platform } from "../model/platform.ts";
import type { ImageName } from "../model/reference.ts";
import type { NamedContext, Service } from "../model/service.ts";
import { withoutRun } from "./run-labels.ts";

/** Paths of an invocation's files in their tree. */
export interface InvocationPlaces {
  readonly context: string;
  readonly dockerfile: string;
  /** Paths of the named contexts that are folders, by name. */
  readonly contexts: Readonly<Record<string, string>>;
}

/** Facts about an invocation that its arguments do not contain. */
export interface ServiceFacts {
  readonly places: InvocationPlaces;
  readonly names: readonly [ImageName, ...ImageName[]];
  readonly platforms: readonly [Platform, ...Platform[]];
  /** Names of build args whose change is not a reason to build. */
  readonly stamp: readonly string[];
  /** Images of other targets, as `name@sha256:…`, by the target's name. */
  readonly links: Readonly<Record<string, string>>;
}

/** Converts an invocation to a service, so that its inputs can be read. Throws RangeError for a context that `contextFaults` reports. */
export function invocationService(invocation: BuildInvocation, facts: ServiceFacts): Service {
  const { network, extraHosts, ulimits, shmSize } = invocation.limits;
  const { names, platforms, places, stamp } = facts;
  const contexts = Object.entries(invocation.contexts).map(([name, written]): [string, NamedContext] => {
    const context = namedContext(name, written, facts);
    if (context === undefined) throw new RangeError(`the context "${name}" cannot be read`);
    return [name, context];
  });
  return {
    name: names[0],
    context: places.context,
    dockerfile: places.dockerfile,
    target: invocation.target,
    args: Object.fromEntries(
      Object.entries(invocation.args).map(([name, value]) => [name, { value, stamp: stamp.includes(name) }]),
    ),
    images: names,
    needs: [],
    platforms,
    contexts: Object.fromEntries(contexts),
    secrets: invocation.secrets,
    ssh: invocation.ssh,
    labels: withoutRun(invocation.labels),
    // Annotations are counted together with the settings (`countedSettings`), because some are those of the index.
    annotations: {},
    settings: {
      ...(network === "host" || network === "none" ? { network } : {}),
      extraHosts,
      ulimits,
      ...(shmSize === undefined ? {} : { shmSize }),
    },
    generated: [],
    bases: "follow",
    refreshSeconds: undefined,
    cache: [],
    sbom: "off",
    tags: { version: [], branch: [] },
    group: "default",
  };
}

/** Converts a named context; undefined: its content is unknown. */
function namedContext(name: string, written: string, { places, links }: ServiceFacts): NamedContext | undefined {
  const scheme = /^([a-z-]+):/.exec(written)?.[1];
  if (written.startsWith("docker-image://")) {
    return { kind: "image", reference: written.slice("docker-image://".length) };
  }
  if (scheme === "target") {
    const linked = links[written.slice("target:".length)];
    return linked === undefined ? undefined : { kind: "image", reference: linked };
  }
  if (written.startsWith("oci-layout://")) return { kind: "image", reference: written };
  const kind = classifySource(written);
  if (kind === "git") return { kind: "git", url: written };
  const path = places.contexts[name];
  return kind === "local" && path !== undefined ? { kind: "folder", path } : undefined;
}

/** Returns the named contexts whose content is unknown, with reasons; `links`: images of other targets by name. */
export function contextFaults(
  { contexts }: BuildInvocation,
  links: Readonly<Record<string, string>>,
): { readonly written: string; readonly because: string }[] {
  return Object.entries(contexts).flatMap(([name, value]) => {
    const written = `--build-context ${name}=${value}`;
    if (value.startsWith("target:") && links[value.slice("target:".length)] === undefined) {
      return [{ written, because: "the image of that target is not known" }];
    }
    const isArchive = classifySource(value) === "http";
    return isArchive ? [{ written, because: "what is at an address may change" }] : [];
  });
}

/** Returns the named contexts that are folders of this machine, as written, by name. */
export function folderContexts({ contexts }: BuildInvocation): Record<string, string> {
  const isFolder = ([, value]: readonly [string, string]): boolean =>
    !/^(?:docker-image:\/\/|oci-layout:\/\/|target:)/.test(value) && classifySource(value) === "local";
  return Object.fromEntries(Object.entries(contexts).filter(isFolder));
}

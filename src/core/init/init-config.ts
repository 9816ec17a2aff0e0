import { SlipwayError } from "../../errors.ts";
import { asMap, type YamlMap, type YamlValue } from "../../formats/yaml-data.ts";
import { readYamlText } from "../../formats/yaml-document.ts";
import type { Project, Service } from "../../model/service.ts";
import type { Adopted, AdoptedService } from "../../workflow/adopted.ts";
import { authorshipOf } from "../../workflow/marker.ts";
import { planConfig, renderConfig } from "../../workflow/render-config.ts";
import type { Change } from "./init-document.ts";
import { readGenerated } from "./init-adopt.ts";
import type { InitSources } from "./init-read.ts";

/**
 * Plans a `slipway.yaml` for settings of a hand-made workflow that differ from the conventions. Never overwrites a file that a person
 * wrote.
 */
export async function planConfigFile(
  sources: InitSources,
  given: {
    readonly shape: Project | undefined;
    readonly adopted: Adopted | undefined;
    /** Project of the generated workflow to which the services are added; undefined: there is none. */
    readonly before: Project | undefined;
    readonly notes: string[];
  },
): Promise<Change | undefined> {
  const { shape, adopted, before, notes } = given;
  if (adopted === undefined || adopted.services.length === 0) return undefined;
  const found = shape?.services ?? [];
  const names = new Set([...adopted.services, ...(before?.services ?? [])].map(({ name }) => name));
  const others = found.filter(({ name }) => !names.has(name));
  const plainOf = (each: AdoptedService): Service | undefined => found.find(({ name }) => name === each.name);
  // If one service needs its context or Dockerfile written down, all services must be listed: `services:` with such an entry is the
  // complete list.
  const listsServices =
    before !== undefined || others.length > 0 || adopted.services.some((each) => !liesAt(each, plainOf(each)));
  // With a complete list, Slipway no longer reads services from Compose, bake and the like.
  const isSaidElsewhere = before !== undefined || (listsServices && shape?.source !== "Dockerfiles");
  const services = await Promise.all(
    adopted.services.map(async (each) => ({
      adopted: each,
      plain: isSaidElsewhere ? undefined : plainOf(each),
      generated: adopted.before.length === 0 ? [] : await readGenerated(sources, each),
    })),
  );
  if (others.length > 0) notes.push(`not released before, and left out: ${others.map(({ name }) => name).join(", ")}`);
  const config = planConfig(services, { gitTag: adopted.gitTag, listsServices });
  if (config === undefined) return undefined;
  const text = await sources.read("slipway.yaml");
  if (text !== null && authorshipOf(text) !== "generated") {
    notes.push("slipway.yaml is yours and stays as it is");
    return undefined;
  }
  const whole = before === undefined ? config : addServices(before, text ?? "", config);
  return { path: "slipway.yaml", before: text, after: renderConfig(whole) };
}

/** Adds services to a generated slipway.yaml. Settings for all services become those of each. */
function addServices(before: Project, text: string, added: YamlMap): YamlMap {
  const written = asMap(readYamlText(text)?.value as YamlValue | undefined);
  const clashes = before.services.filter(({ name }) => name in asMap(added["services"]));
  const [clash] = clashes;
  if (clash !== undefined) {
    throw new SlipwayError("refused", `the service "${clash.name}" is in slipway.yaml already`, {
      hint: "rename it there under services, with its images written out, and run init again",
    });
  }
  const old = before.services.map(({ name, context, dockerfile }) => {
    const place = { context, dockerfile };
    return [name, { ...place, ...shared(written), ...asMap(asMap(written["services"])[name]) }] as const;
  });
  const own = Object.entries(asMap(added["services"])).map(
    ([name, entry]) => [name, { ...shared(added), ...asMap(entry) }] as const,
  );
  return {
    ...written,
    images: undefined,
    tags: undefined,
    groups: written["groups"] ?? added["groups"],
    services: Object.fromEntries([...old, ...own]),
  };
}

/** Settings at the top of slipway.yaml that each of its services has. */
function shared({ images, tags }: YamlMap): YamlMap {
  return { ...(images === undefined ? {} : { images }), ...(tags === undefined ? {} : { tags }) };
}

function liesAt({ context, dockerfile }: AdoptedService, found: Service | undefined): boolean {
  return found !== undefined && found.context === context && found.dockerfile === dockerfile;
}

/** Checks that adoption does not change where images are pushed. */
export function checkImages(project: Project, adopted: Adopted): void {
  for (const { name, images } of adopted.services) {
    const found = project.services.find((service) => service.name === name)?.images ?? [];
    const missing = images.filter((image) => !found.some((each) => each === image || each === `docker.io/${image}`));
    if (missing.length === 0) continue;
    throw new SlipwayError(
      "configuration",
      `slipway.yaml sends ${name} to ${found.join(", ")}, the old workflow to ${images.join(", ")}`,
      {
        hint: `write under services.${name} in slipway.yaml: images: [${images.join(", ")}]`,
      },
    );
  }
}

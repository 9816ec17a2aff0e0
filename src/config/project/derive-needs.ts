import { type ImageName, parseReference } from "../../model/reference.ts";
import { reachedReferences, scanDockerfile } from "../sources/scan-dockerfile.ts";

/** A Dockerfile as a service builds it. */
export interface BuiltDockerfile {
  readonly text: string;
  readonly args: Readonly<Record<string, string>>;
  /** Target stage; undefined: the last stage. */
  readonly target: string | undefined;
}

/**
 * Finds references of the reached stages that are images of other services: reference, with args filled in → service. A reference with a
 * digest or a version's tag (`:1.2`, `:v3`) means a published image.
 */
export function deriveNeeds(
  { text, args, target }: BuiltDockerfile,
  servicesByImage: ReadonlyMap<ImageName, string>,
): Map<string, string> {
  const found = new Map<string, string>();
  for (const written of reachedReferences(scanDockerfile(text, args), target)) {
    const reference = parseReference(written);
    if (reference === undefined || reference.digest !== undefined) continue;
    if (reference.tag !== undefined && /^v?\d/.test(reference.tag)) continue;
    const service = servicesByImage.get(reference.name);
    if (service !== undefined) found.set(written, service);
  }
  return found;
}

/** The first cycle among services, spelled out: `["api", "base", "api"]`. */
export function findCycle(needs: ReadonlyMap<string, readonly string[]>): string[] | undefined {
  const done = new Set<string>();
  const path: string[] = [];
  const visit = (service: string): string[] | undefined => {
    const start = path.indexOf(service);
    if (start >= 0) return [...path.slice(start), service];
    if (done.has(service)) return undefined;
    path.push(service);
    for (const need of needs.get(service) ?? []) {
      const cycle = visit(need);
      if (cycle !== undefined) return cycle;
    }
    path.pop();
    done.add(service);
    return undefined;
  };
  for (const service of [...needs.keys()].sort()) {
    const cycle = visit(service);
    if (cycle !== undefined) return cycle;
  }
  return undefined;
}

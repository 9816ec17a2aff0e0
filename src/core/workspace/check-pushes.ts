import { isAboutCredentials, isInterruption, SlipwayError } from "../../errors.ts";
import { byCodeUnit } from "../../model/order.ts";
import type { ImageName } from "../../model/reference.ts";
import type { Project } from "../../model/service.ts";
import type { Registry } from "../../registry/registry.ts";

/** All image names that a release of these services writes to, with the name of the records. */
export function releasedNames(project: Project, services: readonly string[]): readonly ImageName[] {
  const images = project.services.filter(({ name }) => services.includes(name)).flatMap((service) => service.images);
  return [...new Set([project.releases, ...images])].sort(byCodeUnit);
}

/**
 * Checks push permission for all names before anything is built, with two requests a name. Throws the first fault, denied permission first,
 * and lists all names with the same kind of fault.
 */
export async function checkPushes(registry: Registry, names: readonly ImageName[]): Promise<void> {
  const checked = await Promise.all(names.map((name) => checkOne(registry, name)));
  const faults = checked.filter((each) => each !== undefined);
  const [first] = [...faults.filter(({ error }) => isAboutCredentials(error)), ...faults];
  if (first === undefined) return;
  const { error, name } = first;
  const others = faults.filter((each) => each.error.kind === error.kind && each.name !== name).map((each) => each.name);
  if (others.length === 0) throw error;
  throw error.reworded(`${error.message}; the same for ${others.join(", ")}`);
}

async function checkOne(
  registry: Registry,
  name: ImageName,
): Promise<{ readonly name: ImageName; readonly error: SlipwayError } | undefined> {
  try {
    await registry.checkPush(name);
    return undefined;
  } catch (error) {
    if (!(error instanceof SlipwayError) || isInterruption(error)) throw error;
    return { name, error };
  }
}

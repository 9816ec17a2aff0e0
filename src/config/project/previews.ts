import { type ImageName, parseImageName } from "../../model/reference.ts";
import type { Service } from "../../model/service.ts";
import { addFault, type Faults } from "../written/place.ts";
import type { ConfigFile } from "../written/read-config.ts";

/** Assigns each service the image name for pull requests, if configured. It must not be the name of another image. */
export function assignPreviews(
  services: readonly Service[],
  written: ConfigFile | undefined,
  releases: ImageName | undefined,
  faults: Faults,
): Service[] {
  const template = written?.config.previews;
  if (written === undefined || template === undefined) return [...services];
  const at = written.yaml.place(["previews"]);
  const owners = new Map<ImageName, string>();
  return services.map((service) => {
    const preview = parseImageName(template.replaceAll("{service}", service.name));
    if (preview === undefined) return service;
    const released = services.find(({ images }) => images.includes(preview));
    const other = owners.get(preview);
    if (released !== undefined) {
      addFault(
        faults,
        at,
        `"${preview}" is the image of "${released.name}"; previews need a name that is never released`,
      );
    } else if (preview === releases) {
      addFault(faults, at, `"${preview}" holds the release manifests; write another "previews"`);
    } else if (other !== undefined) {
      addFault(faults, at, `"${other}" and "${service.name}" would both be ${preview}; put {service} into the name`);
    }
    owners.set(preview, service.name);
    return { ...service, preview };
  });
}

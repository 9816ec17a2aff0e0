import { asMap, yamlText, type YamlValue } from "../formats/yaml-data.ts";
import { readYamlText } from "../formats/yaml-document.ts";
import { byCodeUnit } from "../model/order.ts";
import { editYaml, type YamlChange, type PathInYaml } from "./edit-yaml.ts";
import { findPin, type ImagePin, type PinnedFile, writtenName } from "./image-pin.ts";

/** Changes of a file, with the services that they pin and what stays. */
interface PlannedPins {
  readonly changes: YamlChange[];
  readonly services: Set<string>;
  readonly left: string[];
}

/** Pins the images of a Compose file: `image:` of each service whose image the release ships. */
export function pinComposeFile(text: string, pins: readonly ImagePin[]): PinnedFile {
  return pinFile(text, pins, (value, plan) => {
    for (const [name, written] of Object.entries(asMap(asMap(value)["services"]))) {
      const service = asMap(written);
      const image = yamlText(service["image"]);
      const pin = findPin(pins, image);
      const own = pin ?? (service["build"] === undefined ? undefined : pins.find((each) => each.service === name));
      if (own === undefined) continue;
      if (service["build"] !== undefined) {
        plan.left.push(
          `${name} has build:, whose image cannot have a digest; the override compose.images.yaml does both`,
        );
      } else if (pin !== undefined) {
        plan.changes.push({
          kind: "set",
          path: ["services", name, "image"],
          value: `${writtenName(image)}@${pin.digest}`,
        });
        plan.services.add(pin.service);
      }
    }
  });
}

/** Pins the images of a kustomization: its entries of `images:`, and new entries for images that have none. */
export function pinKustomization(text: string, pins: readonly ImagePin[]): PinnedFile {
  return pinFile(text, pins, (value, plan) => {
    const list = asMap(value)["images"];
    const entries = Array.isArray(list) ? (list as readonly YamlValue[]) : [];
    for (const [at, written] of entries.entries()) {
      const entry = asMap(written);
      const pin = findPin(pins, yamlText(entry["newName"] ?? entry["name"]));
      if (pin === undefined) continue;
      plan.services.add(pin.service);
      const path = ["images", at];
      if (entry["digest"] !== undefined)
        plan.changes.push({ kind: "set", path: [...path, "digest"], value: pin.digest });
      else if (entry["newTag"] !== undefined) {
        plan.changes.push({ kind: "replace-pair", path, key: "newTag", by: "digest", value: pin.digest });
      } else plan.changes.push({ kind: "add", path, after: "name", key: "digest", value: pin.digest });
    }
    const missing = pins.filter(({ service }) => !plan.services.has(service));
    if (missing.length === 0) return;
    const items = missing.map(({ images: [name], digest }) => ({ name, digest }));
    plan.changes.push({ kind: "append", key: "images", items });
    for (const { service } of missing) plan.services.add(service);
  });
}

/**
 * Pins the images of Helm values, wherever they stand: maps with `repository:` (and `registry:`) of an image that the release ships, and texts
 * that name one. Such a map gets `digest:`; its `tag:`, if it has one, becomes the version.
 */
export function pinHelmValues(text: string, pins: readonly ImagePin[]): PinnedFile {
  return pinFile(text, pins, (value, plan) => pinValues(value, [], pins, plan));
}

function pinValues(value: YamlValue | undefined, path: PathInYaml, pins: readonly ImagePin[], plan: PlannedPins): void {
  if (typeof value === "string") {
    const pin = value.includes("/") ? findPin(pins, value) : undefined;
    if (pin === undefined) return;
    plan.changes.push({ kind: "set", path, value: `${writtenName(value)}@${pin.digest}` });
    plan.services.add(pin.service);
    return;
  }
  if (Array.isArray(value)) {
    for (const [at, each] of (value as readonly YamlValue[]).entries()) pinValues(each, [...path, at], pins, plan);
    return;
  }
  const map = asMap(value);
  const { registry, repository } = map;
  const name = typeof registry === "string" ? `${registry}/${yamlText(repository)}` : yamlText(repository);
  const pin = typeof repository === "string" ? findPin(pins, name) : undefined;
  if (pin === undefined) {
    for (const [key, each] of Object.entries(map)) pinValues(each, [...path, key], pins, plan);
    return;
  }
  plan.services.add(pin.service);
  const hasTag = map["tag"] !== undefined && map["tag"] !== null;
  if (hasTag && pin.tag !== null) plan.changes.push({ kind: "set", path: [...path, "tag"], value: pin.tag });
  if (map["digest"] !== undefined) plan.changes.push({ kind: "set", path: [...path, "digest"], value: pin.digest });
  else {
    const after = hasTag ? "tag" : "repository";
    plan.changes.push({ kind: "add", path, after, key: "digest", value: pin.digest });
  }
}

function pinFile(
  text: string,
  pins: readonly ImagePin[],
  plan: (value: YamlValue, planned: PlannedPins) => void,
): PinnedFile {
  const read = readYamlText(text);
  if (read === undefined) return { kind: "refused", because: "it is not one valid YAML document" };
  const planned: PlannedPins = { changes: [], services: new Set(), left: [] };
  plan(read.value as YamlValue, planned);
  const edited = editYaml(text, planned.changes);
  if ("because" in edited) return { kind: "refused", because: edited.because };
  const absent = pins
    .filter(({ service }) => !planned.services.has(service))
    .map(({ service, images }) => `${service}: the file names no ${images[0]}`);
  const services = [...planned.services].sort(byCodeUnit);
  return { kind: "pinned", text: edited.text, services, left: [...planned.left, ...absent] };
}

import { asFields, asList, asText, fieldsOf, parseJson } from "../formats/json.ts";
import { asMap, type YamlValue, yamlText } from "../formats/yaml-data.ts";
import { readYamlText } from "../formats/yaml-document.ts";
import { type Digest, parseDigest } from "../model/digest.ts";
import { byCodeUnit } from "../model/order.ts";

/** Images that something runs. */
export interface DeployedImages {
  /** Digests with the name that stands before each; null: a digest alone. Each pair once. */
  readonly images: readonly { readonly name: string | null; readonly digest: Digest }[];
  /** References without a digest, sorted. */
  readonly unpinned: readonly string[];
}

/**
 * Reads which images run: from `kubectl get pods -o json` (by the digests that the nodes report, else by the pods' own), from a Compose file
 * (`image:` of its services), or from any other text (each `name@sha256:…`, and each digest alone).
 */
export function readDeployed(text: string): DeployedImages {
  const json = asFields(parseJson(text));
  const pods = json === undefined ? [] : podsOf(json);
  if (pods.length > 0) return collect(pods.flatMap(imagesOfPod));
  const services = composeServices(text);
  return collect(services ?? referencesIn(text));
}

function podsOf(document: Readonly<Record<string, unknown>>): Readonly<Record<string, unknown>>[] {
  const items = asList(document["items"]) ?? [document];
  return items.map(fieldsOf).filter(({ kind }) => kind === "Pod");
}

/** A node may report the digest of the platform's manifest or of the index over the platforms. */
function imagesOfPod({ spec, status }: Readonly<Record<string, unknown>>): string[] {
  const reported = new Map<string, string>();
  for (const list of ["containerStatuses", "initContainerStatuses", "ephemeralContainerStatuses"]) {
    for (const each of asList(asFields(status)?.[list]) ?? []) {
      const { name, imageID } = asFields(each) ?? {};
      // Older nodes write `docker-pullable://`.
      const id = (asText(imageID) ?? "").replace(/^[a-z-]+:\/\//, "");
      if (id !== "") reported.set(asText(name) ?? "", id);
    }
  }
  const written = ["containers", "initContainers", "ephemeralContainers"].flatMap((list) =>
    (asList(asFields(spec)?.[list]) ?? []).flatMap((each): [string, string][] => {
      const { name, image } = asFields(each) ?? {};
      return asText(image) === undefined ? [] : [[asText(name) ?? "", asText(image) ?? ""]];
    }),
  );
  return [...new Map([...written, ...reported]).values()];
}

/** Images of a Compose file's services; undefined: the text is none. */
function composeServices(text: string): string[] | undefined {
  const services = asMap(asMap(readYamlText(text)?.value as YamlValue | undefined)["services"]);
  const images = Object.values(services).flatMap((service) => yamlText(asMap(service)["image"]) || []);
  return images.length === 0 ? undefined : images;
}

/** A digest, with the name in front of it. Names have at most 255 characters. */
const digestInText = /(?:([\w./:[\]-]{1,400})@)?(sha256:[0-9a-f]{64})(?![0-9a-f])/g;

function referencesIn(text: string): string[] {
  return [...text.matchAll(digestInText)].map(([, name, digest = ""]) =>
    name === undefined ? digest : `${name}@${digest}`,
  );
}

function collect(references: readonly string[]): DeployedImages {
  const images = new Map<string, DeployedImages["images"][number]>();
  const unpinned = new Set<string>();
  for (const reference of references) {
    const at = reference.lastIndexOf("@");
    const digest = parseDigest(reference.slice(at + 1));
    if (digest === undefined) unpinned.add(reference);
    else images.set(reference, { name: at < 0 ? null : reference.slice(0, at), digest });
  }
  return { images: [...images.values()], unpinned: [...unpinned].sort(byCodeUnit) };
}

import { asMap, type YamlValue, yamlTexts } from "../formats/yaml-data.ts";
import { readYamlText } from "../formats/yaml-document.ts";
import { byKey } from "../model/order.ts";

/** A file with its path in a folder. */
export interface FolderFile {
  readonly path: string;
  readonly content: Uint8Array;
}

/** Files of an artifact, or the reason why a folder cannot stand alone. */
export type FluxFiles =
  | { readonly kind: "files"; readonly files: readonly FolderFile[] }
  | { readonly kind: "refused"; readonly because: string };

const kustomizationNames = ["kustomization.yaml", "kustomization.yml", "Kustomization"];
/** Fields of a kustomization that name other files and folders. */
const pathFields = ["resources", "bases", "components", "crds", "configurations", "generators", "transformers"];

/**
 * Lays out the files of a Flux artifact: the manifests in `manifests/`, a component with the pinned images, and a kustomization over both, so
 * that whoever takes the artifact takes all services of one release. `component`: as `renderKustomizeImages` renders it.
 */
export function layOutFluxFiles(manifests: readonly FolderFile[], component: string): FluxFiles {
  if (manifests.length === 0) return { kind: "refused", because: "the folder has no files" };
  for (const file of manifests) {
    const outside = leadsOutside(file);
    if (outside !== undefined) {
      return {
        kind: "refused",
        because: `${file.path} names ${JSON.stringify(outside)}, which is outside of the folder`,
      };
    }
  }
  const hasOwn = manifests.some(({ path }) => kustomizationNames.includes(path));
  const files = [
    ...manifests.map(({ path, content }) => ({ path: `manifests/${path}`, content })),
    ...(hasOwn ? [] : [textFile("manifests/kustomization.yaml", renderResources(manifests))]),
    textFile("images/kustomization.yaml", component),
    textFile("kustomization.yaml", topKustomization),
  ];
  const long = files.find(({ path }) => Buffer.byteLength(path) > 100);
  if (long !== undefined) return { kind: "refused", because: `the path ${long.path} has more than 100 bytes` };
  return { kind: "files", files: files.toSorted(byKey(({ path }) => path)) };
}

/** Renders the resources with which Flux takes the artifact, by version. */
export function renderFluxResources(artifact: string, name: string): string {
  return `# Flux takes an artifact whole: all services of one release, or none.
apiVersion: source.toolkit.fluxcd.io/v1
kind: OCIRepository
metadata:
  name: ${name}
  namespace: flux-system
spec:
  interval: 5m
  url: oci://${artifact}
  ref:
    semver: "*"
---
apiVersion: kustomize.toolkit.fluxcd.io/v1
kind: Kustomization
metadata:
  name: ${name}
  namespace: flux-system
spec:
  interval: 10m
  sourceRef:
    kind: OCIRepository
    name: ${name}
  path: ./
  prune: true
  wait: true
`;
}

const topKustomization = `apiVersion: kustomize.config.k8s.io/v1beta1
kind: Kustomization
resources: [manifests]
components: [images]
`;

/** A kustomization with every manifest of a folder that has none. */
function renderResources(manifests: readonly FolderFile[]): string {
  const paths = manifests.map(({ path }) => path).filter((path) => /\.ya?ml$/.test(path));
  return `apiVersion: kustomize.config.k8s.io/v1beta1\nkind: Kustomization\nresources: ${JSON.stringify(paths.toSorted())}\n`;
}

/** The first path of a kustomization that leads out of the folder: the artifact does not have what is there. */
function leadsOutside({ path, content }: FolderFile): string | undefined {
  const parts = path.split("/");
  if (!kustomizationNames.includes(parts.at(-1) ?? "")) return undefined;
  const value = asMap(readYamlText(new TextDecoder().decode(content))?.value as YamlValue | undefined);
  const named = pathFields.flatMap((field) => yamlTexts(value[field]));
  return named.find((each) => {
    if (each.includes("://") || each.includes("\n")) return false;
    let depth = parts.length - 1;
    return each.split("/").some((part) => {
      depth += part === ".." ? -1 : part === "" || part === "." ? 0 : 1;
      return depth < 0;
    });
  });
}

function textFile(path: string, text: string): FolderFile {
  return { path, content: new TextEncoder().encode(text) };
}

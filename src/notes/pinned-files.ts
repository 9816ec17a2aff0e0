import { byCodeUnit } from "../model/order.ts";
import type { ReleasedService, ReleaseManifest } from "../model/release.ts";

/** A Compose override: each service is the image of this release by digest, and is not built. `!reset`: https://docs.docker.com/reference/compose-file/merge/#reset-value, from Compose 2.24 on. */
export function renderComposeImages(release: ReleaseManifest): string {
  const services = release.services.map(({ service, images, digest }) =>
    [`  ${quote(service)}:`, `    image: ${quote(`${images[0]}@${digest}`)}`, "    build: !reset null"].join("\n"),
  );
  return lines([
    `# ${releaseLine(release)}`,
    "# Over your own Compose file: docker compose -f compose.yaml -f compose.images.yaml up --detach",
    "# Services that your file does not have: delete them here.",
    services.length === 0 ? "services: {}" : "services:",
    ...services,
  ]);
}

/**
 * Renders a Kustomize component: images get this release's digests, under each of their names, whatever tags the manifests have.
 * https://kubectl.docs.kubernetes.io/references/kustomize/kustomization/images/
 */
export function renderKustomizeImages(release: ReleaseManifest): string {
  const images = release.services
    .flatMap((service) => writtenNames(service).map((name) => ({ name, digest: service.digest })))
    .toSorted((left, right) => byCodeUnit(left.name, right.name))
    .map(({ name, digest }) => `  - name: ${quote(name)}\n    digest: ${quote(digest)}`);
  return lines([
    `# ${releaseLine(release)}`,
    "# As components/images/kustomization.yaml, with `components: [components/images]` in your kustomization.yaml.",
    "apiVersion: kustomize.config.k8s.io/v1alpha1",
    "kind: Component",
    images.length === 0 ? "images: []" : "images:",
    ...images,
  ]);
}

/** An image's names as manifests write them: Docker Hub's are mostly written without the host. Kustomize compares letters. */
function writtenNames({ images }: ReleasedService): string[] {
  return images.flatMap((name) => {
    const short = name.replace(/^docker\.io\//, "");
    return [...new Set([name, short, short.replace(/^library\//, "")])].filter(
      (each) => each === name || name.startsWith("docker.io/"),
    );
  });
}

function releaseLine({ subject, commit }: ReleaseManifest): string {
  const name = subject.kind === "version" ? subject.version : JSON.stringify(subject.branch);
  return `Images of ${name}, from commit ${commit}`;
}

/** Any text as YAML: a JSON string is one, without the few characters that JSON may hold and YAML may not. */
function quote(text: string): string {
  return JSON.stringify(text).replace(/[\u007f-\u009f\u2028\u2029\ufeff\ufffe\uffff]/g, (char) => {
    return `\\u${char.charCodeAt(0).toString(16).padStart(4, "0")}`;
  });
}

function lines(all: readonly string[]): string {
  return `${all.join("\n")}\n`;
}

import type { ImageName } from "../../../src/model/reference.ts";
import { list, type Row } from "../row.ts";

/** What is read of deployments, and written into them. */
export async function deploymentRows(): Promise<readonly Row[]> {
  const [files, editing, values, flux, reading, matching, pinned, renderedPins, renderedDeployed] = await Promise.all([
    import("../../../src/deployments/pin-files.ts"),
    import("../../../src/deployments/edit-yaml.ts"),
    import("../../../src/deployments/helm-values.ts"),
    import("../../../src/deployments/flux-files.ts"),
    import("../../../src/deployments/read-deployed.ts"),
    import("../../../src/deployments/match-deployed.ts"),
    import("../../../src/deployments/image-pin.ts"),
    import("../../../src/report/render-pin.ts"),
    import("../../../src/report/render-deployed.ts"),
  ]);
  const [{ digestOf }, { makePlatform }, { makeStyle }, { parseImageName }] = await Promise.all([
    import("../../../src/model/digest.ts"),
    import("../../../src/model/platform.ts"),
    import("../../../src/report/style.ts"),
    import("../../../src/model/reference.ts"),
  ]);
  const style = makeStyle(true, { columns: 100 });
  const nameOf = (service: string): ImageName => {
    const name = parseImageName(`a.test/${service}`);
    if (name === undefined) throw new Error(service);
    return name;
  };
  const digest = digestOf("a");
  const pins = list(3, (index) => ({
    service: `s${index}`,
    images: [nameOf(`s${index}`)] as const,
    digest,
    tag: "1.0",
  }));
  const services = (size: number) =>
    list(size, (index) => ({
      service: `s${index}`,
      digest: digestOf(`${index}`),
      platforms: [
        { platform: makePlatform({ os: "linux", architecture: "amd64" }), digest, fingerprint: digest, size: 1 },
      ],
    }));

  return [
    [
      "deployments that are pinned in place",
      12,
      (size) => {
        const compose = `services:\n${list(size, (index) => `  x${index}: { image: "a.test/s1:1" }\n`).join("")}`;
        const kustomization = `images:\n${list(size, () => "- name: a.test/s1\n  newTag: a\n").join("")}`;
        const helm = list(size, (index) => `x${index}:\n  repository: a.test/s1\n  tag: a\n`).join("");
        return () => [
          files.pinComposeFile(compose, pins),
          files.pinKustomization(kustomization, pins),
          files.pinHelmValues(helm, pins),
          pinned.writtenName(compose),
        ];
      },
    ],
    [
      "appended entries of a YAML list",
      20,
      (size) => {
        const items = list(size, (index) => ({ name: `a${index}` }));
        const text = `images:\n${list(size, (index) => `- name: b${index}\n`).join("")}`;
        return () => editing.editYaml(text, [{ kind: "append", key: "images", items }]);
      },
    ],
    [
      "pins that stand alone, and what is told of them",
      20,
      (size) => {
        const many = list(
          size,
          (index) => ({ ...pins[0], service: `s${index}`, images: [nameOf(`s${index}`)], digest, tag: "1" }) as const,
        );
        const manifests = list(size, (index) => ({ path: `${index}.yaml`, content: new Uint8Array(1) }));
        const left = list(size, (index) => `s${index}`);
        const about = {
          version: 1,
          release: "1",
          because: null,
          format: "helm",
          file: null,
          services: left,
          left,
        } as const;
        return () => {
          const text = values.renderHelmValues(many, "{service}.image", "a");
          flux.layOutFluxFiles(manifests, text);
          flux.renderFluxResources(text, "a");
          renderedPins.renderPin({ ...about, state: "printed", text, artifact: null }, style);
        };
      },
    ],
    [
      "what runs, and of which releases it is",
      12,
      (size) => {
        const pods = list(size, (index) => ({
          kind: "Pod",
          status: { containerStatuses: [{ name: "a", imageID: `a@${digestOf(`${index}`)}` }] },
        }));
        const texts = [
          JSON.stringify({ items: pods }),
          list(size, (index) => `${"a".repeat(30)}@${digestOf(`${index}`)}`).join(" "),
        ];
        const releases = list(4, (index) => ({ release: `1.${index}.0`, services: services(size) }));
        return () =>
          texts.map((text) =>
            renderedDeployed.renderDeployed(matching.matchDeployed(reading.readDeployed(text), releases), style),
          );
      },
    ],
  ];
}

import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { afterAll, describe, expect, test } from "vitest";
import { ensureHelm, isHelmThere } from "../../sandbox/helm.ts";
import { run } from "../../sandbox/processes.ts";
import { SandboxUnavailable } from "../../sandbox/unavailable.ts";
import { layOutFluxFiles } from "../../src/deployments/flux-files.ts";
import { renderHelmValues } from "../../src/deployments/helm-values.ts";
import { type PinnedFile, pinsOf } from "../../src/deployments/image-pin.ts";
import { pinComposeFile, pinHelmValues, pinKustomization } from "../../src/deployments/pin-files.ts";
import { renderComposeImages, renderKustomizeImages } from "../../src/notes/pinned-files.ts";
import { second } from "../../src/notes/testing/releases.ts";
import { findBake } from "../definitions/bake-print.ts";

const nightly = process.env["SLIPWAY_NIGHTLY"] === "1";
const root = mkdtempSync(join(tmpdir(), "slipway-deploy-"));
const hasKubectl = await run("kubectl", ["version", "--client"]).then(
  ({ exitCode }) => exitCode === 0,
  () => false,
);
const helm = await findHelm();
const bake = await findBake();
afterAll(() => {
  rmSync(root, { recursive: true, force: true });
  if (typeof bake !== "string") bake.close();
});

const pins = pinsOf(second);
const images = pins.map(({ images: [name], digest }) => `${name}@${digest}`).sort();

/** Helm takes minutes to compile: the machine's own, or the sandbox's in the nightly form. A text: why there is none. */
async function findHelm(): Promise<{ readonly program: string } | string> {
  const own = await run("helm", ["version"]).catch(() => undefined);
  if (own?.exitCode === 0) return { program: "helm" };
  if (!nightly && !isHelmThere()) return "no helm on this machine; the nightly form compiles it";
  try {
    return { program: await ensureHelm(() => undefined) };
  } catch (error) {
    if (error instanceof SandboxUnavailable) return error.message;
    throw error;
  }
}

function folderOf(files: Readonly<Record<string, string | Uint8Array>>): string {
  const folder = mkdtempSync(join(root, "case-"));
  for (const [path, content] of Object.entries(files)) {
    mkdirSync(join(folder, dirname(path)), { recursive: true });
    writeFileSync(join(folder, path), content);
  }
  return folder;
}

function deployment(image: string): string {
  return JSON.stringify({
    apiVersion: "apps/v1",
    kind: "Deployment",
    metadata: { name: image.replace(/\W+/g, "-") },
    spec: { template: { spec: { containers: [{ name: "a", image }] } } },
  });
}

function textOf(pinned: PinnedFile): string {
  if (pinned.kind === "refused") throw new Error(pinned.because);
  return pinned.text;
}

function imagesIn(manifests: string): string[] {
  return [...manifests.matchAll(/image: "?(\S+?)"?$/gm)].map(([, image = ""]) => image).sort();
}

describe.skipIf(!hasKubectl)(`kubectl kustomize${hasKubectl ? "" : " (needs kubectl)"}`, () => {
  const deployments = Object.fromEntries(
    pins.map(({ service, images: [name] }) => [`${service}.yaml`, deployment(`${name}:1.0`)]),
  );
  const resources = `resources: ${JSON.stringify(Object.keys(deployments))}\n`;

  async function kustomize(folder: string): Promise<string> {
    const { exitCode, stdout, stderr } = await run("kubectl", ["kustomize", folder]);
    expect(exitCode, stderr).toBe(0);
    return stdout;
  }

  test("renders the images of a kustomization that was pinned in place", async () => {
    const [first] = pins;
    const file = `${resources}images:\n- name: ${first?.images[0]}\n  newTag: "1.0" # by hand\n`;
    const folder = folderOf({ ...deployments, "kustomization.yaml": textOf(pinKustomization(file, pins)) });
    expect(imagesIn(await kustomize(folder))).toEqual(images);
  });

  test("renders the images of a component beside what is there", async () => {
    const folder = folderOf({
      ...deployments,
      "kustomization.yaml": `${resources}components: [components/images]\n`,
      "components/images/kustomization.yaml": renderKustomizeImages(second),
    });
    expect(imagesIn(await kustomize(folder))).toEqual(images);
  });

  test.each([
    ["without a kustomization of its own", {}],
    ["with one", { "kustomization.yaml": resources }],
  ])("renders an artifact for Flux as a whole, of a folder %s", async (_, own) => {
    const manifests = Object.entries({ ...deployments, ...own }).map(([path, text]) => ({
      path,
      content: new TextEncoder().encode(text),
    }));
    const laidOut = layOutFluxFiles(manifests, renderKustomizeImages(second));
    if (laidOut.kind === "refused") throw new Error(laidOut.because);
    const folder = folderOf(Object.fromEntries(laidOut.files.map(({ path, content }) => [path, content])));
    expect(imagesIn(await kustomize(folder))).toEqual(images);
  });
});

describe.skipIf(typeof helm === "string")(`helm template${typeof helm === "string" ? ` (${helm})` : ""}`, () => {
  const chart = {
    "Chart.yaml": "apiVersion: v2\nname: shop\nversion: 0.1.0\n",
    "templates/all.yaml": `{{- range $name := list ${pins.map(({ service }) => `"${service}"`).join(" ")} }}
{{- $image := (index $.Values $name).image }}
---
image: "{{ $image.repository }}@{{ $image.digest }}"
{{- end }}
`,
  };

  async function template(values: string, more: Readonly<Record<string, string>> = {}): Promise<string> {
    const folder = folderOf({ ...chart, "values.yaml": values, ...more });
    const files = Object.keys(more).flatMap((file) => ["--values", join(folder, file)]);
    const program = typeof helm === "string" ? "" : helm.program;
    const { exitCode, stdout, stderr } = await run(program, ["template", "x", folder, ...files]);
    expect(exitCode, stderr).toBe(0);
    return stdout;
  }

  const values = pins
    .map(({ service, images: [name] }) => `${service}:\n  image:\n    repository: ${name} # ours\n    tag: "1.0"\n`)
    .join("");

  test("renders values that were pinned in place", async () => {
    expect(imagesIn(await template(textOf(pinHelmValues(values, pins))))).toEqual(images);
  });

  test("renders values that stand alone, over those of the chart", async () => {
    const alone = renderHelmValues(pins, "{service}.image", "x");
    expect(imagesIn(await template(values, { "pinned.yaml": alone }))).toEqual(images);
  });
});

describe.skipIf(typeof bake === "string")(
  `Compose's reader in bake${typeof bake === "string" ? ` (${bake})` : ""}`,
  () => {
    async function targetsOf(files: Readonly<Record<string, string>>): Promise<unknown> {
      const folder = folderOf(files);
      const args = ["buildx", "bake", ...Object.keys(files).flatMap((file) => ["-f", join(folder, file)]), "--print"];
      const env = { ...process.env, ...(typeof bake === "string" ? {} : bake.env) };
      const { exitCode, stdout, stderr } = await run("docker", args, { env, cwd: folder });
      return exitCode === 0 ? Object.keys(JSON.parse(stdout).target ?? {}) : stderr;
    }

    const services = pins.map(({ service, images: [name] }) => `  ${service}: { image: "${name}:1.0" }\n`).join("");

    test("takes a file that was pinned in place, and builds what it built before", async () => {
      const file = `services:\n  own: { build: . }\n${services}`;
      expect(await targetsOf({ "compose.yaml": textOf(pinComposeFile(file, pins)) })).toEqual(["own"]);
    });

    test("takes the override over a file that builds, and builds nothing of the release", async () => {
      const file = `services:\n  own: { build: . }\n${services.replaceAll("image:", "build: ., image:")}`;
      expect(await targetsOf({ "compose.yaml": file, "compose.images.yaml": renderComposeImages(second) })).toEqual([
        "own",
      ]);
    });
  },
);

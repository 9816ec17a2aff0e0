import { parse } from "yaml";
import { describe, expect, test } from "vitest";
import { digestOf } from "../model/digest.ts";
import { imageName } from "../testing/image-name.ts";
import { editYaml } from "./edit-yaml.ts";
import { renderHelmValues } from "./helm-values.ts";
import type { ImagePin } from "./image-pin.ts";
import { pinComposeFile, pinHelmValues, pinKustomization } from "./pin-files.ts";

const pins: readonly ImagePin[] = [
  {
    service: "api",
    images: [imageName("ghcr.io/acme/api"), imageName("acme/api")],
    digest: digestOf("api"),
    tag: "1.2.0",
  },
  { service: "web", images: [imageName("ghcr.io/acme/web")], digest: digestOf("web"), tag: "1.2.0" },
];
const [api, web] = [digestOf("api"), digestOf("web")];
const old = digestOf("old");

/** The text of a file that was pinned, with `LEFT` and `SERVICES` of it. */
function textOf(pinned: ReturnType<typeof pinComposeFile>): string {
  if (pinned.kind === "refused") return `REFUSED ${pinned.because}`;
  return pinned.text;
}

describe("a Compose file", () => {
  test("gets digests in place; comments, quotes, anchors of others and layout stay", () => {
    const file = `# our stack
x-env: &env { A: "1" }   # shared
services:
  api:
    image:   "ghcr.io/acme/api:1.1.0" # the API
    environment: *env
  web: { image: 'ghcr.io/acme/web@${old}', ports: ["80:80"] }

  db:
    image: postgres:17
`;
    expect(textOf(pinComposeFile(file, pins))).toBe(
      file.replace("ghcr.io/acme/api:1.1.0", `ghcr.io/acme/api@${api}`).replace(old, web),
    );
  });

  test("keeps a name as it is written, and lines that end by \\r\\n", () => {
    const file = "services:\r\n  x:\r\n    image: acme/api\r\n";
    expect(textOf(pinComposeFile(file, pins))).toBe(`services:\r\n  x:\r\n    image: acme/api@${api}\r\n`);
  });

  test("is told of what stays", () => {
    const file = 'services:\n  api: { build: ., image: ghcr.io/acme/api }\n  x: { image: "${R}/web" }\n';
    const pinned = pinComposeFile(file, pins);
    expect(pinned).toMatchObject({
      kind: "pinned",
      text: file,
      services: [],
      left: [
        "api has build:, whose image cannot have a digest; the override compose.images.yaml does both",
        "api: the file names no ghcr.io/acme/api",
        "web: the file names no ghcr.io/acme/web",
      ],
    });
  });

  test.each([
    ["a: [", "it is not one valid YAML document"],
    ["a: 1\na: 2\n", "it is not one valid YAML document"],
    ["x: &i { image: ghcr.io/acme/api }\nservices: { a: *i }\n", "services.a.image is no plain text"],
  ])("is left as it is: %s", (file, because) => {
    expect(pinComposeFile(file, pins)).toEqual({ kind: "refused", because });
  });
});

describe("a kustomization", () => {
  test("gets digests for the images that it lists, and entries for the others", () => {
    const file = `resources: [deployment.yaml]
images:
  # the API
  - name: ghcr.io/acme/api
    newTag: 1.1.0 # moved by hand
  - name: placeholder
    newName: ghcr.io/acme/web
namespace: shop
`;
    expect(textOf(pinKustomization(file, pins))).toBe(`resources: [deployment.yaml]
images:
  # the API
  - name: ghcr.io/acme/api
    digest: ${api} # moved by hand
  - name: placeholder
    digest: ${web}
    newName: ghcr.io/acme/web
namespace: shop
`);
  });

  test.each([
    [
      "without images",
      "resources: [a.yaml]",
      `resources: [a.yaml]\nimages:\n  - name: ghcr.io/acme/api\n    digest: ${api}\n  - name: ghcr.io/acme/web\n    digest: ${web}\n`,
    ],
    [
      "with an empty list",
      "images: []\nresources: []\n",
      `images: \n  - name: ghcr.io/acme/api\n    digest: ${api}\n  - name: ghcr.io/acme/web\n    digest: ${web}\nresources: []\n`,
    ],
    [
      "with one of them, in its own indentation",
      `images:\n- name: ghcr.io/acme/api\n  digest: ${old}\n\nresources: []\n`,
      `images:\n- name: ghcr.io/acme/api\n  digest: ${api}\n- name: ghcr.io/acme/web\n  digest: ${web}\n\nresources: []\n`,
    ],
    [
      "whose list ends the file, without a line end",
      `images:\n- name: ghcr.io/acme/api\n  digest: ${old}`,
      `images:\n- name: ghcr.io/acme/api\n  digest: ${api}\n- name: ghcr.io/acme/web\n  digest: ${web}`,
    ],
  ])("%s gets entries", (_, file, pinned) => {
    const text = textOf(pinKustomization(file, pins));
    expect(text).toBe(pinned);
    expect(parse(text).images).toHaveLength(2);
  });

  test("in flow style is changed in place, or left with the reason", () => {
    const both = `images: [{ name: ghcr.io/acme/api, newTag: "1" }, { name: ghcr.io/acme/web }]\n`;
    expect(textOf(pinKustomization(both, pins))).toBe(
      `images: [{ name: ghcr.io/acme/api, digest: ${api} }, { name: ghcr.io/acme/web, digest: ${web} }]\n`,
    );
    expect(pinKustomization(`images: [{ name: ghcr.io/acme/api }]\n`, pins)).toEqual({
      kind: "refused",
      because: "its list is not written a line each",
    });
  });
});

describe("Helm values", () => {
  test("get digests wherever they name an image, and the version where they have a tag", () => {
    const file = `api:
  replicas: 2
  image:
    repository: ghcr.io/acme/api # ours
    tag: "1.1.0"
    pullPolicy: Always
web:
  image: { registry: ghcr.io, repository: acme/web, digest: ${old} }
sidecars:
  - ghcr.io/acme/web:1.0.0
db:
  image: { repository: postgres, tag: "17" }
`;
    expect(textOf(pinHelmValues(file, pins))).toBe(
      file
        .replace(`tag: "1.1.0"`, `tag: "1.2.0"\n    digest: ${api}`)
        .replace(old, web)
        .replace("ghcr.io/acme/web:1.0.0", `ghcr.io/acme/web@${web}`),
    );
  });

  test("are rendered at the path that the chart reads", () => {
    const rendered = renderHelmValues(pins, "global.images.{service}", "Images of 1.2.0");
    expect(rendered.startsWith("# Images of 1.2.0\n")).toBe(true);
    expect(parse(rendered)).toEqual({
      global: {
        images: {
          api: { repository: "ghcr.io/acme/api", tag: "1.2.0", digest: api },
          web: { repository: "ghcr.io/acme/web", tag: "1.2.0", digest: web },
        },
      },
    });
    expect(parse(renderHelmValues([], "{service}.image", "x"))).toEqual({});
  });
});

test("a change that would read as something else is refused", () => {
  const folded = "a:\n  image: >\n    x\n  b: 1\n";
  expect(editYaml(folded, [{ kind: "add", path: ["a"], after: "image", key: "c", value: "d" }])).toEqual({
    because: "the line of image does not end with it",
  });
  expect(editYaml("a: 1\n", [{ kind: "set", path: ["b"], value: "c" }])).toEqual({ because: "b is no plain text" });
  expect(editYaml("- a\n", [{ kind: "append", key: "images", items: [] }])).toEqual({ because: "it is no map" });
});

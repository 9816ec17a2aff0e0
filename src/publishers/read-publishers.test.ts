import { expect, test } from "vitest";
import type { Publisher } from "./publisher.ts";
import { readPublishers } from "./read-publishers.ts";

const workflow = ".github/workflows/a.yml";

function publishersOf(texts: Readonly<Record<string, string>>): readonly Publisher[] {
  const files = { paths: new Set(Object.keys(texts)), read: (path: string) => texts[path] };
  return readPublishers(files, { repository: "acme/shop", trunk: "main" });
}

function job(steps: string, on = "push"): string {
  return `on: ${on}\njobs:\n  a:\n    runs-on: ubuntu-latest\n    steps:\n${steps.replaceAll(/^/gm, "      ")}\n`;
}

/** A line a publisher. */
function lines(texts: Readonly<Record<string, string>>): string[] {
  return publishersOf(texts).map(({ place, how, builds, understanding }) => {
    const what = understanding.understood
      ? Object.entries(understanding.publishes)
          .map(([event, all]) => {
            const images = all.map(
              ({ images, perhaps }) =>
                `${images.map(({ reference }) => reference).join(" ")}${perhaps.length === 0 ? "" : ` if ${perhaps.join(" and ")}`}`,
            );
            return `${event}: ${images.join(", ")}`;
          })
          .join("; ")
      : `not understood: ${understanding.because}`;
    return `${place.file}:${place.line} ${how}${builds ? "" : " (builds nothing)"} ${what}`;
  });
}

const login = "- uses: docker/login-action@v3\n";
const trunk = "{ push: { branches: [main] } }";

test.each<readonly [what: string, texts: Readonly<Record<string, string>>, found: readonly string[]]>([
  [
    "a build that pushes nothing is none",
    { [workflow]: job("- run: docker build -t a:1 .\n- uses: docker/build-push-action@v6\n  with: { tags: a:1 }") },
    [],
  ],
  [
    "a push of an image under another name belongs to its build",
    {
      [workflow]: job(
        "- run: |\n    docker build -t api .\n    docker tag api ghcr.io/acme/api:1\n    docker push ghcr.io/acme/api:1",
        trunk,
      ),
    },
    [`${workflow}:7 docker push to trunk: ghcr.io/acme/api:1`],
  ],
  [
    "a push of an image that the job does not build is a place of its own",
    { [workflow]: job("- run: docker load -i a.tar\n- run: docker push ghcr.io/acme/api:1", trunk) },
    [`${workflow}:7 docker (builds nothing) push to trunk: ghcr.io/acme/api:1`],
  ],
  [
    "a build whose image another job pushes publishes it",
    {
      [workflow]: `${job("- run: docker build -t acme/api images/api", trunk)}  b:\n    needs: a\n    steps:\n      - run: docker load -i api.tar\n      - run: docker push acme/api\n`,
    },
    [
      `${workflow}:6 docker push to trunk: acme/api:latest`,
      `${workflow}:11 docker (builds nothing) push to trunk: acme/api:latest`,
    ],
  ],
  [
    "a registry of the job itself is no place to publish",
    { [workflow]: job("- run: docker build -t localhost:5000/a:1 --push .", trunk) },
    [],
  ],
  [
    "a command that a matrix holds is followed",
    {
      [workflow]: `on: ${trunk}\njobs:\n  a:\n    strategy: { matrix: { cmd: [./build.sh api, ./build.sh web] } }\n    steps:\n      - run: \${{ matrix.cmd }} --push\n`,
      "build.sh":
        '#!/bin/bash\nset -e\nARGS=(-t "acme/$1:latest")\nif [ "$2" = --push ]; then ARGS+=(--push); fi\ndocker buildx build "${ARGS[@]}" .\n',
    },
    ["build.sh:5 docker push to trunk: acme/api:latest acme/web:latest"],
  ],
  [
    "a make target is followed to what it needs, with the workflow's variables",
    {
      [workflow]: job('- run: make push\n  env: { TAG: "${{ github.ref_name }}" }', trunk),
      Makefile:
        "IMAGE ?= acme/api\nTAG ?= dev\npush: image\n\tdocker push $(IMAGE):$(TAG)\nimage:\n\tdocker build -t $(IMAGE):$(TAG) .\n",
    },
    ["Makefile:6 docker push to trunk: acme/api:main"],
  ],
  [
    "a script of package.json is followed",
    {
      [workflow]: job("- run: npm run docker", trunk),
      "package.json": '{\n  "scripts": {\n    "docker": "docker build -t acme/api:1 --push ."\n  }\n}\n',
    },
    ["package.json:3 docker push to trunk: acme/api:1"],
  ],
  [
    "Compose pushes what its file builds",
    {
      [workflow]: job('- run: docker compose build && docker compose push api\n  env: { TAG: "1" }', trunk),
      "compose.yaml":
        "services:\n  api: { build: api, image: 'acme/api:${TAG}' }\n  db: { image: postgres }\n  web: { build: web, image: acme/web }\n",
    },
    [`${workflow}:6 compose push to trunk: acme/api:1`],
  ],
  [
    "a script that runs what is not followed is not taken for nothing",
    {
      [workflow]: job(`${login}- run: bin/docker-build`, trunk),
      "bin/docker-build": '#!/bin/sh\n. "$(find_library)"\ndocker_build api\n',
    },
    [
      "bin/docker-build:2 script not understood: $(find_library) cannot be read here",
      `${workflow}:7 script not understood: what bin/docker-build runs cannot be followed`,
    ].slice(1),
  ],
  [
    "a workflow that only tags of its own kind start is known by such a tag",
    {
      [workflow]: job(
        "- run: docker build -t acme/api:${GITHUB_REF_NAME#edge-} --push .",
        "{ push: { tags: ['edge-*'] } }",
      ),
    },
    [`${workflow}:6 docker tag edge-*: acme/api:1.2.3; pre-release tag edge-*: acme/api:1.3.0-rc.1`],
  ],
  [
    "a branch that a filter names has an event of its own, in each workflow that it starts",
    {
      [workflow]: job(
        "- run: docker build -t acme/api:${GITHUB_REF_NAME#release/} --push .",
        "{ push: { branches: [main, 'release/**'] } }",
      ),
      ".github/workflows/b.yml": job("- run: docker build -t acme/web:1 --push .", "{ push: { branches: ['**'] } }"),
    },
    [
      `${workflow}:6 docker push to trunk: acme/api:main; push to release/**: acme/api:1.2`,
      ".github/workflows/b.yml:6 docker push to trunk: acme/web:1; push to another branch: acme/web:1; push to release/**: acme/web:1",
    ],
  ],
  [
    "a workflow that another event starts is evaluated with what is known of that event",
    {
      [workflow]: job(
        "- run: docker build -t acme/api:${{ github.event.workflow_run.head_branch }} -t acme/${{ github.event.repository.name }}:${{ github.ref_name }} --push .\n  if: github.event.workflow_run.conclusion == 'success'",
        "{ workflow_run: { workflows: [a] } }",
      ),
      ".github/workflows/b.yml": job(
        "- run: docker build -t acme/web:${{ github.event.release.tag_name }} --push .",
        "{ release: { types: [edited] } }",
      ),
    },
    [
      `${workflow}:6 docker workflow_run: acme/api:‹github.event.workflow_run.head_branch› acme/shop:main if github.event.workflow_run.conclusion`,
      ".github/workflows/b.yml:6 docker release (edited): acme/web:v1.2.3",
    ],
  ],
  [
    "a tag that may be there says on what that hangs",
    {
      [workflow]: job(
        '- id: m\n  uses: docker/metadata-action@v5\n  with: { images: acme/api, tags: "type=raw,value=edge\\ntype=raw,value=rc,enable=${{ vars.RC == \'yes\' }}" }\n- uses: docker/build-push-action@v6\n  with: { push: true, tags: "${{ steps.m.outputs.tags }}" }',
        trunk,
      ),
    },
    [`${workflow}:9 build-push-action push to trunk: acme/api:edge, acme/api:rc if vars.RC`],
  ],
  [
    "Buildah's actions build and push by their own names",
    {
      [workflow]: job(
        '- id: b\n  uses: redhat-actions/buildah-build@v2\n  with: { image: api, tags: 1 latest }\n- uses: redhat-actions/push-to-registry@v2\n  with: { registry: quay.io/acme, image: "${{ steps.b.outputs.image }}", tags: "${{ steps.b.outputs.tags }}" }',
        trunk,
      ),
    },
    [`${workflow}:7 buildah push to trunk: quay.io/acme/api:1 quay.io/acme/api:latest`],
  ],
  [
    "an action of others that is named after it is not understood",
    { [workflow]: job("- uses: acme/actions/build-push@v1") },
    [
      `${workflow}:6 remote-action not understood: its name says that it builds or pushes images, and another repository holds it`,
    ],
  ],
  [
    "a task runner is listed where the job logs in to a registry",
    {
      [workflow]: job(`${login}- run: npx nx run-many -t container`),
      ".github/workflows/b.yml": job("- run: npx nx run-many -t container"),
    },
    [`${workflow}:7 task-runner not understood: names and tags come from its own configuration`],
  ],
  [
    "docker/build-push-action of version 1 takes other inputs",
    { [workflow]: job("- uses: docker/build-push-action@v1\n  with: { repository: acme/api }") },
    [`${workflow}:6 remote-action not understood: version 1 takes other inputs; version 2 and later are read`],
  ],
  [
    "a file that is not valid YAML is listed with the place and the reason",
    { [workflow]: "on: push\njobs:\n  a:\n    steps: [{ run: x }\n", ".github/workflows/b.yml": "- push\n" },
    [
      `${workflow}:5 unreadable not understood: the file is not valid YAML: Flow sequence in block collection must be sufficiently indented and end with a ]`,
      ".github/workflows/b.yml:1 unreadable not understood: the file is no map of keys",
    ],
  ],
  [
    "a local action that is not valid YAML is not taken for nothing",
    { [workflow]: job("- uses: ./ci/x", trunk), "ci/x/action.yml": "runs:\n  steps:\n  steps:\n" },
    [
      `${workflow}:6 unreadable not understood: ci/x/action.yml:3:3: the file is not valid YAML: a map has this key twice`,
    ],
  ],
  [
    "a local action in another language is listed by its name where the job logs in to a registry",
    {
      [workflow]: job(`${login}- uses: ./ci/docker-push\n- uses: ./ci/notify`, trunk),
      "ci/docker-push/action.yml": "runs: { using: node24, main: a.js }\n",
      "ci/notify/action.yml": "runs: { using: node24, main: a.js }\n",
    },
    [`${workflow}:7 script not understood: ci/docker-push/action.yml runs node24, which is not followed`],
  ],
  [
    "a called workflow that is not there, or not valid, is named as that",
    {
      [workflow]:
        "on: push\njobs:\n  a:\n    uses: ./.github/workflows/x.yml\n  b:\n    uses: ./.github/workflows/b.yaml\n",
      ".github/workflows/b.yaml": "on: workflow_call\non: push\n",
    },
    [
      `${workflow}:4 remote-workflow not understood: the workflow ./.github/workflows/x.yml is not in this repository`,
      `${workflow}:6 remote-workflow not understood: .github/workflows/b.yaml:2:1: the file is not valid YAML: a map has this key twice`,
      ".github/workflows/b.yaml:2 unreadable not understood: the file is not valid YAML: a map has this key twice",
    ],
  ],
])("%s", (_, texts, found) => expect(lines(texts)).toEqual(found));

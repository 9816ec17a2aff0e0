import type { FactsBuilder } from "./kept-facts.ts";

/** One use of build-push-action in a workflow, that ours is held beside. */
export interface StepRow {
  /** Part of its images' names, too. */
  readonly name: string;
  /** As written under `with:`; `IMAGE` stands for an image name of the row's own, `SCANNER` for an image that writes SBOMs. */
  readonly with: Readonly<Record<string, string>>;
  /** What the second run of the same commit does: it reuses, or builds for a reason that is right. */
  readonly second: "reused" | BuildsAgain;
  /** Whether buildx reports an id and a digest that are in no registry; reuse reports what the tags point at. */
  readonly isReportedElsewhere?: true;
}

/** Why the same is built again. Nothing else may. */
export type BuildsAgain = keyof typeof buildsAgain;

/** What the output `because` says then. */
export const buildsAgain = {
  call: /the frontend is asked for "check"$/,
  "local output": /^the output "\w+" stays on this machine$/,
  "no-cache": /^--no-cache.* asks for a build$/,
  "no image name": /^(?:the image has no name to be found under|nothing becomes of the image)$/,
  /** Nothing of it is in a registry. */
  "only loaded": /published yet$/,
  fails: /published yet$/,
} as const;

const push = { context: "app", push: "true", tags: "IMAGE:main" } as const;

/** Rows of the comparison on every builder; each is built by docker's action and by ours, and by ours once more. */
const stepRows: readonly StepRow[] = [
  { name: "push", with: push, second: "reused" },
  { name: "several tags", with: { ...push, tags: "IMAGE:1.2.3,IMAGE:1.2\nIMAGE:latest" }, second: "reused" },
  { name: "several image names", with: { ...push, tags: "IMAGE:1\nIMAGE/other:1" }, second: "reused" },
  { name: "no tag", with: { ...push, tags: "IMAGE" }, second: "reused" },
  { name: "file", with: { ...push, file: "docker/alt.Dockerfile" }, second: "reused" },
  {
    name: "context is the workspace",
    with: { ...push, context: ".", file: "docker/all.Dockerfile" },
    second: "reused",
  },
  { name: "target", with: { ...push, file: "docker/stages.Dockerfile", target: "first" }, second: "reused" },
  { name: "no target", with: { ...push, file: "docker/stages.Dockerfile" }, second: "reused" },
  {
    name: "build args",
    with: { ...push, file: "docker/args.Dockerfile", "build-args": "A=1, 2\nB=3" },
    second: "reused",
  },
  { name: "a build arg that nobody declares", with: { ...push, "build-args": "NOT_USED=1" }, second: "reused" },
  { name: "labels", with: { ...push, labels: "org.opencontainers.image.title=Shop, the\nb=2" }, second: "reused" },
  { name: "annotations", with: { ...push, annotations: "index:a=b\nmanifest:c=d" }, second: "reused" },
  { name: "two platforms", with: { ...push, platforms: "linux/amd64,linux/arm64" }, second: "reused" },
  { name: "another platform", with: { ...push, platforms: "linux/arm64" }, second: "reused" },
  { name: "no provenance", with: { ...push, provenance: "false" }, second: "reused" },
  { name: "provenance is true", with: { ...push, provenance: "true" }, second: "reused" },
  { name: "least provenance", with: { ...push, provenance: "mode=min" }, second: "reused" },
  { name: "most provenance", with: { ...push, provenance: "mode=max" }, second: "reused" },
  { name: "attests", with: { ...push, attests: "type=provenance,mode=min" }, second: "reused" },
  { name: "no sbom", with: { ...push, sbom: "false" }, second: "reused" },
  {
    name: "a folder as a named context",
    with: { ...push, file: "docker/named.Dockerfile", "build-contexts": "other=lib" },
    second: "reused",
  },
  {
    name: "an image as a named context",
    with: { ...push, file: "docker/named-image.Dockerfile", "build-contexts": "other=docker-image://busybox" },
    second: "reused",
  },
  {
    name: "secrets",
    with: { ...push, file: "docker/secret.Dockerfile", secrets: "token=of the build" },
    second: "reused",
  },
  {
    name: "secret files",
    with: { ...push, file: "docker/secret.Dockerfile", "secret-files": "token=app/a.txt" },
    second: "reused",
  },
  {
    name: "secret envs",
    with: { ...push, file: "docker/secret.Dockerfile", "secret-envs": "token=SHOP_TOKEN" },
    second: "reused",
  },
  { name: "pull", with: { ...push, pull: "true" }, second: "reused" },
  { name: "no-cache", with: { ...push, "no-cache": "true" }, second: "no-cache" },
  {
    name: "no-cache-filters",
    with: { ...push, file: "docker/stages.Dockerfile", "no-cache-filters": "first" },
    second: "no-cache",
  },
  {
    name: "output of type image",
    with: { context: "app", outputs: "type=image,name=IMAGE:main,push=true" },
    second: "reused",
  },
  {
    name: "output of type registry",
    with: { context: "app", tags: "IMAGE:main", outputs: "type=registry" },
    second: "reused",
  },
  {
    name: "output with compression",
    with: {
      context: "app",
      tags: "IMAGE:main",
      outputs: "type=image,push=true,compression=zstd,force-compression=true",
    },
    second: "reused",
  },
  {
    name: "output with Docker's media types",
    with: { context: "app", provenance: "false", outputs: "type=image,name=IMAGE:main,push=true,oci-mediatypes=false" },
    second: "reused",
  },
  { name: "output of type local", with: { context: "app", outputs: "type=local,dest=out" }, second: "local output" },
  { name: "output of type tar", with: { context: "app", outputs: "type=tar,dest=out.tar" }, second: "local output" },
  {
    name: "output of type oci",
    with: { context: "app", tags: "IMAGE:main", outputs: "type=oci,dest=oci.tar" },
    second: "local output",
  },
  { name: "output of type cacheonly", with: { context: "app", outputs: "type=cacheonly" }, second: "local output" },
  { name: "load", with: { context: "app", tags: "IMAGE:main", load: "true" }, second: "only loaded" },
  { name: "call", with: { context: "app", call: "check" }, second: "call" },
  { name: "nothing is published", with: { context: "app" }, second: "no image name" },
  {
    name: "network and hosts",
    with: {
      ...push,
      file: "docker/run.Dockerfile",
      network: "host",
      allow: "network.host",
      "add-hosts": "shop:10.0.0.1",
    },
    second: "reused",
  },
  {
    name: "limits",
    with: { ...push, file: "docker/run.Dockerfile", "shm-size": "64m", ulimit: "nofile=1024:1024" },
    second: "reused",
  },
  { name: "inline cache", with: { ...push, "cache-from": "IMAGE:main", "cache-to": "type=inline" }, second: "reused" },
  {
    name: "registry cache",
    with: {
      ...push,
      "cache-from": "type=registry,ref=IMAGE:cache",
      "cache-to": "type=registry,ref=IMAGE:cache,mode=max",
    },
    second: "reused",
  },
  {
    name: "GitHub's cache",
    with: { ...push, "cache-from": "type=gha,scope=IMAGE", "cache-to": "type=gha,mode=max,scope=IMAGE" },
    second: "reused",
  },
  { name: "an SBOM", with: { ...push, sbom: "generator=SCANNER" }, second: "reused" },
  { name: "a build that fails", with: { ...push, file: "docker/fails.Dockerfile" }, second: "fails" },
];

/** Rows that Docker's own store of images refuses, whoever asks: it would get the image twice. */
const loadRows: readonly StepRow[] = [
  { name: "load and push", with: { ...push, load: "true" }, second: "reused" },
  {
    name: "load and push without provenance",
    with: { ...push, load: "true", provenance: "false" },
    second: "reused",
    isReportedElsewhere: true,
  },
];

/** The rows that a builder can make. */
export function stepRowsOn(builder: FactsBuilder): readonly StepRow[] {
  return builder === "docker" ? stepRows : [...stepRows, ...loadRows];
}

/** Rows whose context BuildKit fetches: the run's own repository, at the run's commit. */
export const gitRows: readonly StepRow[] = [
  { name: "empty context", with: { push: "true", tags: "IMAGE:main", file: "app/Dockerfile" }, second: "reused" },
  { name: "folder of the default context", with: { ...push, context: "{{defaultContext}}:app" }, second: "reused" },
];

/** What `SCANNER` is built from. Source: BuildKit, docs/attestations/sbom-protocol.md. */
export const scannerFiles: Readonly<Record<string, string>> = {
  "scanner/Dockerfile": 'FROM busybox\nCOPY scan.sh /\nENTRYPOINT ["/bin/sh", "/scan.sh"]\n',
  "scanner/scan.sh": `cat > "$BUILDKIT_SCAN_DESTINATION/sbom.spdx.json" <<'END'
{
  "_type": "https://in-toto.io/Statement/v0.1",
  "predicateType": "https://spdx.dev/Document",
  "predicate": { "spdxVersion": "SPDX-2.3", "SPDXID": "SPDXRef-DOCUMENT", "name": "nothing" }
}
END
`,
};

/** The repository that the rows build. */
export const stepFiles: Readonly<Record<string, string>> = {
  "app/Dockerfile": "FROM scratch\nCOPY . /app/\n",
  "app/.dockerignore": "ignored.txt\n",
  "app/a.txt": "a 1\n",
  "app/ignored.txt": "not in the image\n",
  "lib/b.txt": "b 1\n",
  "docker/alt.Dockerfile": "FROM scratch\nCOPY a.txt /app/alt.txt\n",
  "docker/all.Dockerfile": "FROM scratch\nCOPY app lib /app/\n",
  "docker/stages.Dockerfile":
    "FROM busybox AS first\nCOPY a.txt /app/first.txt\nRUN cat /app/first.txt > /app/copy.txt\nFROM scratch\nCOPY --from=first /app/ /app/\n",
  "docker/args.Dockerfile":
    'FROM busybox\nARG A\nARG B=none\nENV B=$B\nRUN mkdir -p /app && echo "$A $B" > /app/args.txt\n',
  "docker/named.Dockerfile": "FROM scratch\nCOPY --from=other b.txt /app/b.txt\n",
  "docker/named-image.Dockerfile": "FROM scratch\nCOPY --from=other /bin/busybox /busybox\nCOPY a.txt /app/\n",
  "docker/secret.Dockerfile":
    "FROM busybox\nRUN --mount=type=secret,id=token mkdir -p /app && test -s /run/secrets/token && echo it was there > /app/seen.txt\n",
  "docker/run.Dockerfile": "FROM busybox\nCOPY a.txt /app/\nRUN cat /app/a.txt > /app/copy.txt\n",
  "docker/warns.Dockerfile": "from scratch\nCOPY a.txt /app/\n",
  "bake/Dockerfile": "FROM base\nCOPY a.txt /app/baked.txt\n",
  "bake/a.txt": "baked 1\n",
  "docker-bake.hcl": `
variable "PREFIX" {}
group "default" { targets = ["shop", "base", "variants"] }
target "base" {
  context = "app"
  tags = ["\${PREFIX}/base:1"]
}
target "shop" {
  context = "bake"
  contexts = { base = "target:base" }
  tags = ["\${PREFIX}/shop:1", "\${PREFIX}/shop:latest"]
}
target "variants" {
  name = "variant-\${which}"
  matrix = { which = ["one", "two"] }
  context = "app"
  dockerfile = "../docker/args.Dockerfile"
  args = { A = which }
  tags = ["\${PREFIX}/variant:\${which}"]
}
`,
  "docker/fails.Dockerfile": "FROM busybox\nRUN echo it fails && false\n",
};

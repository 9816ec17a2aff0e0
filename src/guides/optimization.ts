import { codeBlock, codeSpan, escapeMarkdown, mermaidText, renderMarkdownTable } from "../formats/markdown.ts";
import { renderBytes, renderCount } from "../model/units.ts";
import type { Extent, GuideFacts } from "./facts.ts";

/** How reuse, the cache tiers, sparse checkout and promotion work in this repository. */
export function renderOptimization(facts: GuideFacts): string {
  return [
    `How the images of ${escapeMarkdown(facts.repository)} are built and released, and why most of a release is not built at all.`,
    "## The way of a release",
    diagram(facts),
    ...reuse(facts),
    ...cacheTiers(facts),
    ...sparseCheckout(facts),
    ...promotion(facts),
    "## Best practices",
    bestPractices(),
    ...monitoring(facts),
  ].join("\n\n");
}

function diagram({ services, layout }: GuideFacts): string {
  const ids = new Map(services.map(({ name }, index) => [name, `s${index}`]));
  const build = layout === "matrix" ? "build: a job a changed service and platform" : "build what changed, in parallel";
  return [
    "```mermaid",
    "flowchart LR",
    `  repo[(repository)] --> plan["plan: fingerprint of each service's inputs"]`,
    `  plan -->|fingerprint is published| reuse["reuse: the same digest gets the new tags"]`,
    `  plan -->|it is not| build["${build}"]`,
    `  reuse --> commit["commit: one record in the registry"]`,
    "  build --> commit",
    `  commit --> promote["promote: tags follow the records"]`,
    "  subgraph services",
    ...services.map(({ name }) => `    ${ids.get(name) ?? ""}["${mermaidText(name)}"]`),
    ...services.flatMap(({ name, needs }) =>
      needs.map((need) => `    ${ids.get(need) ?? ""} -->|is used by| ${ids.get(name) ?? ""}`),
    ),
    "  end",
    "  build --- services",
    "```",
  ].join("\n");
}

function reuse({ services }: GuideFacts): string[] {
  const rows = services.map(({ name, dockerfile, needs, reads }) => [
    escapeMarkdown(name),
    codeSpan(dockerfile),
    reads === null ? "cannot be read now" : renderCount(reads.files, "file"),
    needs.length === 0 ? "" : needs.map(escapeMarkdown).join(", "),
  ]);
  return [
    "## Reuse: what did not change is not built",
    "A service is built when its fingerprint is not in the registry. The fingerprint covers what BuildKit reads for the image, and nothing else: the files that its stages copy (after the ignore file), their instructions, the build args they declare, the digests that base images have now, named contexts, target and platform. A change that no image sees builds nothing. A base image that moved builds what starts from it.",
    renderMarkdownTable(
      [{ title: "Service" }, { title: "Dockerfile" }, { title: "Its build reads" }, { title: "Needs" }],
      rows,
    ),
    "What is built is built from exactly these files, and from bases pinned to the digests that were looked up. A reused service keeps its digest, so nothing that runs restarts.",
  ];
}

function cacheTiers({ services }: GuideFacts): string[] {
  const rows = services.map(({ name, images, caches }) => [
    escapeMarkdown(name),
    caches.map(({ scope }) => codeSpan(scope)).join("<br>"),
    caches.map(({ tag }) => codeSpan(`${images[0]}:${tag}`)).join("<br>"),
    codeSpan(`${images[0]}:latest`),
  ]);
  return [
    "## Three cache tiers: what is built is built from layers that are there",
    "1. **GitHub's cache**: a scope for each service and platform, derived from their names so that two never meet, and one for what services share. GitHub keeps it seven days after its last use. Pull requests read it and write nothing.",
    "2. **The registry's cache**, beside the images: it outlives GitHub's, and runs of tags can read it.",
    "3. **The layers of the previous image**, where there is no registry cache.",
    "Everything that is there is read, since reading is cheap; one tier is written, only by runs that publish, since writing is what costs. A tier that is missing, full or slow is left out and told, and the build works without it.",
    renderMarkdownTable(
      [
        { title: "Service" },
        { title: "Scope in GitHub's cache" },
        { title: "Registry cache" },
        { title: "Previous image" },
      ],
      rows,
    ),
  ];
}

function sparseCheckout({ services, tracked, layout }: GuideFacts): string[] {
  if (layout === "single") {
    return [
      "## Checkout",
      "One job plans, builds and releases. It fetches git's trees, and of the files what the services that changed read.",
    ];
  }
  const rows = services.map(({ name, reads }) => [escapeMarkdown(name), ...extentCells(reads, tracked)]);
  return [
    "## Sparse checkout: a job fetches what it reads",
    "The plan job fetches git's trees and the few files that decide what is built. A build job fetches the files its service reads, and no others. No pattern is written anywhere: a changed Dockerfile changes the checkout by itself.",
    renderMarkdownTable(
      [
        { title: "Build job" },
        { title: "Files", right: true },
        { title: "Bytes", right: true },
        { title: "Of the whole", right: true },
      ],
      [...rows, ["the whole repository", ...extentCells(tracked, tracked)]],
    ),
  ];
}

function extentCells(extent: Extent | null, whole: Extent): string[] {
  if (extent === null) return ["", "", ""];
  const { files, bytes } = extent;
  if (bytes === null || whole.bytes === null || whole.bytes === 0) return [String(files), "not known here", ""];
  return [String(files), renderBytes(bytes), `${((100 * bytes) / whole.bytes).toFixed(1)} %`];
}

function promotion({ releases }: GuideFacts): string[] {
  return [
    "## Promotion: all images of a release, or none",
    `Builds push by digest; no tag that people see moves. When everything is built, the release is committed: one record, with the digest of each image, is pushed to ${codeSpan(releases)}. From then on the release exists, and all tags follow from the records: version tags are made once and never move; ${codeSpan("latest")} and its like go to the highest version, also when an older run wakes up late. Interrupted anywhere, the same command, or the next release, finishes what was begun. A rollback is a record, too.`,
  ];
}

function bestPractices(): string {
  const practices = [
    "Copy what the image needs (`COPY src ./src`) rather than everything (`COPY . .`), or list the rest in `.dockerignore`: what is copied decides when a service is built.",
    "Copy manifests and lock files before sources, and install between the two: a change of sources then keeps the layer with the dependencies.",
    "Do not bake in a commit or a date by a build arg: it would build every service every time. Where it must be, mark the arg with `stamp: true` in `slipway.yaml`.",
    "Pass secrets with `RUN --mount=type=secret`, never as build args: args are kept in the image's history.",
    "Start services from a common base image of the repository where they share much: it is built once.",
    "Deploy by digest. Each release lists them.",
  ];
  return practices.map((practice) => `- ${practice}`).join("\n");
}

function monitoring({ services }: GuideFacts): string[] {
  const name = services[0]?.name ?? "api";
  return [
    "## Monitoring",
    "How often each service was really changed by the last commits, and how many builds were needless:",
    codeBlock(["npx slipway replay --commits 50"]),
    "What a build would be now, why one service is built, and how old the images are:",
    codeBlock(["npx slipway plan", `npx slipway plan ${name}`, "npx slipway status --json"]),
    "Each run writes its plan and its results into the summary of the workflow run: what was built and why, what was reused, how long it took.",
  ];
}

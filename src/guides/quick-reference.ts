import { codeBlock, codeSpan, escapeMarkdown, renderMarkdownTable } from "../formats/markdown.ts";
import type { GuideFacts, GuideService } from "./facts.ts";
import { firstTag, exampleNextVersion, examplePreviousVersion, releaseCommand } from "./examples.ts";

/** Renders the daily commands: releases, pulling, verifying, releasing, rolling back, and repairs. */
export function renderQuickReference(facts: GuideFacts): string {
  return [
    `Images of ${escapeMarkdown(facts.repository)}, released by Slipway. Commands run in a clone of the repository, with Node and, to pull or build, Docker.`,
    "## The images",
    imageTable(facts),
    ...pulling(facts),
    ...verifying(facts),
    ...everyDay(),
    ...releasing(facts),
    ...goingBack(facts),
    "## When something is wrong",
    troubleshooting(facts),
  ].join("\n\n");
}

function imageTable({ services, groups }: GuideFacts): string {
  const several = groups.length > 1;
  const head = [
    { title: "Service" },
    { title: "Image" },
    { title: "Platforms" },
    { title: "Tags of a version" },
    { title: "Tags of a branch" },
    ...(several ? [{ title: "Release group" }] : []),
  ];
  const spans = (texts: readonly string[]): string => texts.map(codeSpan).join(" ");
  const rows = services.map(({ name, images, platforms, tags, group }) => [
    escapeMarkdown(name),
    images.map(codeSpan).join("<br>"),
    platforms.map(escapeMarkdown).join(", "),
    spans(tags.version),
    spans(tags.branch),
    ...(several ? [escapeMarkdown(group)] : []),
  ]);
  return renderMarkdownTable(head, rows);
}

function pulling(facts: GuideFacts): string[] {
  const byTag = facts.services.flatMap((service) => {
    const tag = firstTag(service, facts);
    return tag === undefined ? [] : [`docker pull ${service.images[0]}:${tag}`];
  });
  const [service] = facts.services;
  if (service === undefined || byTag.length === 0) return [];
  return [
    "## Pull",
    "By tag, which follows new releases:",
    codeBlock(byTag),
    "By digest, which is the same image for ever; for deployments:",
    codeBlock(digestLines(service, [`docker pull "${service.images[0]}@$digest"`])),
  ];
}

/** Commands that set `digest` to the service's digest in the last release. */
function digestLines({ name }: GuideService, then: readonly string[]): string[] {
  const read = `JSON.parse(require("fs").readFileSync(0)).releases[0].services.find((each) => each.service === "${name}").digest`;
  return [`digest=$(npx slipway status --limit 1 --json | node -p '${read}')`, ...then];
}

function verifying(facts: GuideFacts): string[] {
  const [service] = facts.services;
  const tag = service === undefined ? undefined : firstTag(service, facts);
  if (service === undefined || tag === undefined) return [];
  return [
    "## Verify",
    "Each tag is where the releases say it belongs, or the command says what is wrong with it:",
    codeBlock(["npx slipway status"]),
    "What the registry serves under a tag is the digest that was released:",
    codeBlock(
      digestLines(service, [
        `served=$(docker buildx imagetools inspect ${service.images[0]}:${tag} --format '{{json .Manifest}}' | node -p 'JSON.parse(require("fs").readFileSync(0)).digest')`,
        'test "$served" = "$digest"',
      ]),
    ),
    "From which commit, when and how an image was built, as BuildKit recorded it:",
    codeBlock([`docker buildx imagetools inspect ${service.images[0]}:${tag} --format '{{json .Provenance}}'`]),
  ];
}

function everyDay(): string[] {
  return [
    "## Every day",
    "What is released from here; what a release would build or reuse, and why:",
    codeBlock(["npx slipway services", "npx slipway plan"]),
    "Build what changed and push it by digest; no tag that anybody sees moves:",
    codeBlock(["npx slipway build"]),
  ];
}

function releasing(facts: GuideFacts): string[] {
  return [
    "## Release",
    howReleased(facts),
    ...(facts.url === undefined
      ? []
      : [`What each release holds, by tag and by digest: [releases](${facts.url}/releases).`]),
    "By hand, from a machine that may push. First what it would do, then doing it:",
    codeBlock([
      `${releaseCommand(facts, exampleNextVersion(facts))} --dry-run`,
      releaseCommand(facts, exampleNextVersion(facts)),
    ]),
  ];
}

function howReleased({ versions, trunk, groups, workflow, releasedOn }: GuideFacts): string {
  const where = codeSpan(workflow);
  if (releasedOn !== undefined && versions === "tags") {
    const events = releasedOn.map((title) => (title === "push to trunk" ? `push to ${codeSpan(trunk)}` : title));
    return `${where} releases on these events: ${events.length === 0 ? "none" : events.join(", ")}.`;
  }
  switch (versions) {
    case "semantic-release":
      return `Each push to ${codeSpan(trunk)} runs ${where}: semantic-release decides by the commits whether there is a new version, builds what changed, tags it and releases it.`;
    case "commits":
      return `Each push to ${codeSpan(trunk)} runs ${where}: Conventional Commits since the last release decide the version; where none asks for one, nothing is released.`;
    case "file":
      return `Each push to ${codeSpan(trunk)} runs ${where}: it is released when its version file says a version that was not released before.`;
    case "tags": {
      const tags = groups.map(({ tag }) => codeSpan(tag.replace("{version}", "1.2.3"))).join(" or ");
      return `A pushed tag like ${tags} runs ${where}, which releases that version; a push to ${codeSpan(trunk)} releases the branch.`;
    }
  }
}

function goingBack(facts: GuideFacts): string[] {
  const before = examplePreviousVersion(facts);
  const group = facts.groups.length > 1 ? ` --group ${facts.groups[0]?.name ?? ""}` : "";
  return [
    "## Roll back",
    "Moving tags go back to an earlier release in seconds, without a build; version tags stay. It holds until a newer release. First what would move, then moving it:",
    codeBlock([`npx slipway rollback ${before}${group} --dry-run`, `npx slipway rollback ${before}${group}`]),
  ];
}

function troubleshooting(facts: GuideFacts): string {
  const [service] = facts.services;
  const name = service?.name ?? "api";
  const rows: readonly (readonly [string, string])[] = [
    [
      "A service is built though nothing of it changed",
      `${codeSpan(`npx slipway plan ${name}`)} says which file, instruction, arg or base image is other than in its published image`,
    ],
    [
      "A service is reused though it should be built",
      `${codeSpan(`npx slipway inputs ${name}`)} lists everything that decides its image; to build it anyway, ${codeSpan(`npx slipway build --force ${name}`)}`,
    ],
    [
      "A tag is not where it should be",
      `${codeSpan("npx slipway status")} says where it belongs; releasing again, or the next release, puts it there`,
    ],
    [
      "A run was interrupted",
      "run it again: before the release was committed nothing visible moved; after it, the rest is finished",
    ],
    ['Exit code 3, "exists with other content"', "a version never changes once it is released: release the next one"],
    ["Exit code 4", "the registry's credentials are missing or may not push: log in again (`docker login`)"],
    ["Exit code 5", "something outside did not answer: the same command may succeed later"],
  ];
  return renderMarkdownTable([{ title: "What you see" }, { title: "What to do" }], rows);
}

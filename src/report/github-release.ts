import type { Event } from "../event.ts";

/** Renders the result of a GitHub release as one line. */
export function explainGitHubRelease(event: Extract<Event, { kind: "github-release" }>): string {
  const { tag, state, url, because } = event;
  switch (state) {
    case "left-out":
      return `no GitHub release ${tag} was written${because === undefined ? "" : `: ${because}`}`;
    case "published":
      return `GitHub release ${tag} published: ${url ?? ""}`;
    case "updated":
      return `GitHub release ${tag} was there and was added to: ${url ?? ""}`;
    case "same":
      return `GitHub release ${tag} was there with everything: ${url ?? ""}`;
    case "draft":
      return `GitHub release ${tag} is somebody's draft; it was added to and is theirs to publish: ${url ?? ""}`;
  }
}

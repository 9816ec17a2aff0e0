import type { Event } from "../../event.ts";
import { digestOf } from "../../model/digest.ts";
import type { Plan, Reason, Step } from "../../model/plan.ts";
import { makePlatform, type Platform } from "../../model/platform.ts";
import { type ImageName, parseImageName } from "../../model/reference.ts";

export const amd64 = makePlatform({ os: "linux", architecture: "amd64" });
export const arm64 = makePlatform({ os: "linux", architecture: "arm64" });

export function makeTestStep(service: string, kind: Step["kind"], reason: Reason, platforms = [amd64]): Step {
  return {
    service,
    kind,
    reason,
    platforms: platforms.map((platform) => ({
      platform,
      fingerprint: kind === "pending" ? null : digestOf(`fingerprint of ${service} on ${platform}`),
      image: kind === "reuse" ? `ghcr.io/acme/shop/${service}@${digestOf(service)}` : null,
    })),
  };
}

/** Five services: one reused, one that waits for another, one for two platforms, one that fails and one that needs it. */
export const plan: Plan = {
  version: 1,
  commit: "0123456789abcdef0123456789abcdef01234567",
  steps: [
    makeTestStep("base", "build", {
      kind: "inputs-changed",
      changes: [
        { what: "file", name: "base/Dockerfile.packages", change: "changed" },
        { what: "instruction", name: "RUN apt-get update && apt-get install -y curl", change: "added" },
      ],
    }),
    makeTestStep("api", "pending", { kind: "waits", for: ["base"] }, [amd64, arm64]),
    makeTestStep("web", "build", { kind: "no-image" }),
    makeTestStep("storefront", "pending", { kind: "waits", for: ["web"] }),
    makeTestStep("worker", "reuse", { kind: "unchanged" }),
  ],
};

function vertex(
  service: string,
  name: string,
  state: "started" | "cached" | "done" | "failed",
  platform: Platform = amd64,
): Event {
  return { kind: "vertex", service, platform, name, state, seconds: state === "cached" ? 0 : 4.2 };
}

function log(service: string, line: string): Event {
  return { kind: "log", service, platform: amd64, line };
}

function imageName(service: string): ImageName {
  const name = parseImageName(`ghcr.io/acme/shop/${service}`);
  if (name === undefined) throw new Error(`"${service}" is no image name`);
  return name;
}

/** What happens, and before it how many seconds go by. */
export const buildScript: readonly (number | Event)[] = [
  { kind: "phase", phase: "discover" },
  0.3,
  { kind: "phase", phase: "plan" },
  0.4,
  { kind: "planned", plan, seconds: 0.4 },
  { kind: "phase", phase: "build" },
  { kind: "service-ended", service: "worker", outcome: { kind: "reused", digest: digestOf("worker") } },
  { kind: "warning", service: "web", message: "build arg COMMIT differs at every commit; mark it `stamp: true`" },
  { kind: "solve-started", service: "base", platform: amd64 },
  { kind: "solve-started", service: "web", platform: amd64 },
  vertex("base", "[internal] load build definition from Dockerfile", "done"),
  vertex("base", "[1/3] FROM docker.io/library/debian:13@sha256:" + "a".repeat(64), "cached"),
  vertex("base", "[2/3] RUN apt-get update && apt-get install -y curl", "started"),
  vertex("web", "[build 1/4] FROM docker.io/library/node:24-slim", "cached"),
  vertex("web", "[build 2/4] WORKDIR /app", "cached"),
  vertex("web", "[build 3/4] RUN --mount=type=cache,target=/root/.npm npm ci --omit=dev", "started"),
  log("web", "\u001b[32madded\u001b[0m 212 packages in 3s"),
  {
    kind: "cache",
    service: "web",
    platform: amd64,
    use: {
      tier: "gha",
      direction: "import",
      reference: "scope=web",
      state: "failed",
      seconds: 0.2,
      because: "HTTP 503",
    },
  },
  3.3,
  vertex("web", "[build 3/4] RUN --mount=type=cache,target=/root/.npm npm ci --omit=dev", "done"),
  vertex("web", "[build 4/4] RUN npm run build", "started"),
  { kind: "waiting", message: "ghcr.io asks to wait (429)", seconds: 2 },
  1,
  vertex("base", "[2/3] RUN apt-get update && apt-get install -y curl", "done"),
  {
    kind: "solve-ended",
    service: "base",
    platform: amd64,
    cachedVertices: 1,
    ranVertices: 2,
    cachedBytes: 0,
    seconds: 4.3,
  },
  {
    kind: "service-ended",
    service: "base",
    outcome: { kind: "built", digest: digestOf("base"), seconds: 4.4, kept: false },
  },
  { kind: "decided", step: makeTestStep("api", "build", { kind: "base-moved", bases: ["base"] }, [amd64, arm64]) },
  { kind: "solve-started", service: "api", platform: amd64 },
  { kind: "solve-started", service: "api", platform: arm64 },
  vertex("api", "[linux/amd64 2/3] COPY --chown=node:node src ./src", "started"),
  vertex("api", "[linux/arm64 2/3] COPY --chown=node:node src ./src", "started", arm64),
  2,
  log("web", "> tsc"),
  log("web", "src/main.ts(3,7): error TS2322: Type 'string' is not assignable to type 'number'."),
  vertex("web", "[build 4/4] RUN npm run build", "failed"),
  {
    kind: "solve-ended",
    service: "web",
    platform: amd64,
    cachedVertices: 2,
    ranVertices: 2,
    cachedBytes: 0,
    seconds: 6.3,
  },
  {
    kind: "service-ended",
    service: "web",
    outcome: {
      kind: "failed",
      errorKind: "build-failed",
      because: "RUN npm run build: exit code 2",
      seconds: 6.3,
      log: ["> tsc", "src/main.ts(3,7): error TS2322: Type 'string' is not assignable to type 'number'."],
    },
  },
  {
    kind: "service-ended",
    service: "storefront",
    outcome: { kind: "cancelled", because: "web, which it needs, failed" },
  },
  70,
  vertex("api", "[linux/amd64 2/3] COPY --chown=node:node src ./src", "done"),
  vertex("api", "[linux/arm64 2/3] COPY --chown=node:node src ./src", "done", arm64),
  {
    kind: "solve-ended",
    service: "api",
    platform: amd64,
    cachedVertices: 0,
    ranVertices: 3,
    cachedBytes: 0,
    seconds: 72,
  },
  {
    kind: "solve-ended",
    service: "api",
    platform: arm64,
    cachedVertices: 1,
    ranVertices: 2,
    cachedBytes: 0,
    seconds: 72,
  },
  {
    kind: "service-ended",
    service: "api",
    outcome: { kind: "built", digest: digestOf("api"), seconds: 72.1, kept: true },
  },
  {
    kind: "summary",
    built: 2,
    reused: 1,
    failed: 1,
    cancelled: 1,
    seconds: 77,
    builtBytes: 31_400_000,
    requests: 42,
    bytes: 123_456,
  },
];

/** A release in which nothing was built, seen from its commit. */
export const releaseScript: readonly (number | Event)[] = [
  { kind: "phase", phase: "plan" },
  { kind: "planned", plan: { ...plan, steps: plan.steps.slice(4) }, seconds: 0.1 },
  { kind: "notice", message: "signing: off, because the job has no `id-token: write`" },
  { kind: "phase", phase: "build" },
  { kind: "service-ended", service: "worker", outcome: { kind: "reused", digest: digestOf("worker") } },
  { kind: "phase", phase: "commit" },
  0.1,
  { kind: "committed", record: "v1.2.0", release: "v1.2.0", digest: digestOf("record"), already: false },
  { kind: "phase", phase: "promote" },
  tag("1.2.0", "created"),
  0.2,
  tag("1.2", "moved"),
  tag("latest", "stays", "2.0.0 is higher"),
  tag("1", "failed", "ghcr.io answered 403 (denied)"),
  tag("edge", "already"),
  { kind: "phase", phase: "notes" },
  0.1,
  {
    kind: "summary",
    built: 0,
    reused: 1,
    failed: 0,
    cancelled: 0,
    seconds: 0.4,
    builtBytes: 0,
    requests: 9,
    bytes: 8_400,
  },
];

function tag(name: string, state: Extract<Event, { kind: "tag" }>["state"], because?: string): Event {
  const from = state === "created" ? null : digestOf("older");
  return { kind: "tag", image: imageName("worker"), tag: name, from, to: digestOf("worker"), state, because };
}

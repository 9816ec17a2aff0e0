import { expect, test } from "vitest";
import { SlipwayError } from "../errors.ts";
import { explainInJob, explainOutcomeInJob } from "./explain-in-job.ts";

const job = { event: "push", registry: "ghcr.io", pullRequest: undefined };
const fork = { number: 7, from: { kind: "fork", repository: "eve/shop" }, isClosed: false, head: undefined } as const;

function denied(registry: string): SlipwayError {
  const message = `writing ${registry}/acme/api: ${registry}: 403 (denied), asked with config.json`;
  return new SlipwayError("registry-denied", message, {
    data: { registry },
    hint: `run \`docker login ${registry}\` with an account that may write`,
  });
}

test.each([
  ["GitHub's own registry", denied("ghcr.io"), job, /^give the job `permissions: packages: write`/],
  ["another registry", denied("quay.io"), job, /^log in with a line in the input "registries"/],
  [
    "a pull request from a fork",
    denied("ghcr.io"),
    { ...job, event: "pull_request", pullRequest: fork },
    /from a fork has a token that only reads/,
  ],
  [
    "pull_request_target for a fork, which has trunk's token",
    denied("ghcr.io"),
    { ...job, event: "pull_request_target", pullRequest: fork },
    /^give the job/,
  ],
  ["GitHub itself", new SlipwayError("github-denied", "writing the release", { hint: "contents" }), job, /^contents$/],
])("what a job lacks is said as a workflow gives it: %s", (_, error, credentials, hint) => {
  expect(explainInJob(error, credentials)).toMatchObject({
    code: "credentials",
    message: error.message,
    hint: expect.stringMatching(hint) as string,
  });
});

test("so is what a service's build lacks", () => {
  const outcome = {
    kind: "failed",
    errorKind: "registry-denied",
    because: "exporting to image: failed to push ghcr.io/acme/api:build-1: denied",
    registry: "ghcr.io",
    hint: "run `docker login ghcr.io` with an account that may write ghcr.io/acme/api",
    seconds: 1,
    log: [],
  } as const;
  expect(explainOutcomeInJob({ kind: "service-ended", service: "api", outcome }, job)).toMatchObject({
    outcome: { because: outcome.because, hint: expect.stringMatching(/^give the job `permissions:/) as string },
  });
  const failed = { ...outcome, errorKind: "failed" } as const;
  expect(explainOutcomeInJob({ kind: "service-ended", service: "api", outcome: failed }, job)).toMatchObject({
    outcome: failed,
  });
});

test("other errors stay as they are", () => {
  const error = new SlipwayError("unavailable", "ghcr.io: 503", { hint: "later" });
  expect(explainInJob(error, job)).toBe(error);
});

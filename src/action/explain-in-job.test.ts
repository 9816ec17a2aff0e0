import { expect, test } from "vitest";
import { SlipwayError } from "../errors.ts";
import { explainInJob } from "./explain-in-job.ts";

const job = { ownRegistry: "ghcr.io", isFork: false };

function denied(registry: string): SlipwayError {
  const message = `writing ${registry}/acme/api: ${registry}: 403 (denied), asked with config.json`;
  return new SlipwayError("credentials", message, {
    hint: `run \`docker login ${registry}\` as somebody who may write`,
  });
}

test.each([
  ["GitHub's own registry", denied("ghcr.io"), job, /^give the job `permissions: packages: write`/],
  ["another registry", denied("quay.io"), job, /^log in with a line in the input "registries"/],
  [
    "a pull request from a fork",
    denied("ghcr.io"),
    { ...job, isFork: true },
    /from a fork has a token that only reads/,
  ],
  ["GitHub itself", new SlipwayError("credentials", "writing the release", { hint: "contents" }), job, /^contents$/],
])("what a job lacks is said as a workflow gives it: %s", (_, error, credentials, hint) => {
  expect(explainInJob(error, credentials)).toMatchObject({
    code: "credentials",
    message: error.message,
    hint: expect.stringMatching(hint) as string,
  });
});

test("other errors stay as they are", () => {
  const error = new SlipwayError("unavailable", "ghcr.io: 503", { hint: "later" });
  expect(explainInJob(error, job)).toBe(error);
});

import { readdirSync } from "node:fs";
import { writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, test } from "vitest";
import { hasEngine, makeRepo, type Repo } from "./rig.ts";

const files = {
  "base/Dockerfile": "FROM busybox\nCOPY lib.txt /lib.txt\nONBUILD COPY own.txt /own.txt\n",
  "base/lib.txt": "lib 1\n",
  "api/Dockerfile": "FROM base\nRUN cat /lib.txt /own.txt > /both.txt\n",
  "api/own.txt": "api 1\n",
  "web/Dockerfile": "FROM scratch\nCOPY . /\n",
  "web/index.html": "web 1\n",
};
const config = `services:
  api: { context: api, contexts: { base: { service: base } } }
  base: { context: base }
  web: { context: web }
`;
/** Trunk is where the pull request began. */
async function pullRequestOf(repo: Repo): Promise<Record<string, string>> {
  const sha = (await repo.git("rev-parse", "HEAD")).trim();
  const path = join(repo.folder, ".git", "event.json");
  await writeFile(path, JSON.stringify({ pull_request: { number: 7, base: { sha } } }));
  return { GITHUB_EVENT_NAME: "pull_request", GITHUB_REF: "refs/pull/7/merge", GITHUB_EVENT_PATH: path };
}

test.skipIf(!hasEngine)(
  "a pull request builds what changed and what starts from it, and every registry is as before",
  async () => {
    const repo = await makeRepo(files, { config });
    const first = await repo.slipway("release", "1.0.0", "--json");
    expect(first.exitCode, first.stderr).toBe(0);
    const before = await repo.listing();
    const folders = (): string[] => readdirSync(tmpdir()).filter((name) => name.startsWith("slipway-images-"));
    const left = folders();
    const pullRequest = await pullRequestOf(repo);

    await repo.commit({ "base/lib.txt": "lib 2\n" });
    const ran = await repo.start(["build", "--json"], { env: pullRequest }).ended;
    expect(ran.exitCode, ran.stderr).toBe(0);
    expect(ran.json()).toMatchObject({
      services: [
        { service: "base", outcome: "built", image: null },
        { service: "api", outcome: "built", image: null },
        { service: "web", outcome: "reused", image: expect.stringContaining("/web@sha256:") },
      ],
    });
    expect(await repo.listing()).toEqual(before);
    expect(folders()).toEqual(left);

    await repo.commit({ "api/Dockerfile": "FROM base\nRUN grep -q 'lib 2' /lib.txt && grep -q nothing /own.txt\n" });
    const failing = await repo.start(["build", "--json"], { env: pullRequest }).ended;
    expect(failing.exitCode).toBe(1);
    expect(failing.json()).toMatchObject({
      services: [
        { service: "base", outcome: "built" },
        { service: "api", outcome: "failed", because: expect.stringContaining("api/Dockerfile:2: RUN grep") },
        { service: "web", outcome: "reused" },
      ],
    });
    await repo.remove();
  },
  120_000,
);

import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { type ActionRig, makeActionRig, type StepResult } from "./action-rig.ts";
import { hasEngine } from "./rig.ts";

const files = {
  "api/Dockerfile": "FROM busybox\nCOPY app.txt /app.txt\n",
  "api/app.txt": "api 1\n",
  "web/Dockerfile": "FROM busybox\nCOPY app.txt /app.txt\n",
  "web/app.txt": "web 1\n",
};
const permissions = { contents: "write", packages: "write", "pull-requests": "write" } as const;

describe.skipIf(!hasEngine)("a pull request of a repository that asked for previews", () => {
  let rig: ActionRig;
  let number: number;
  beforeAll(async () => {
    rig = await makeActionRig(files, { config: 'previews: "PREFIX/{service}-preview"\n' });
    const released = await rig.step({ command: "release" }, { job: { permissions } });
    expect(released.exitCode, released.log).toBe(0);
    await rig.repo.git("checkout", "--quiet", "-b", "change");
    await rig.repo.commit({ "api/app.txt": "api 2\n" });
    number = await rig.github.openPullRequest({ title: "Change", head: "change" });
    await rig.repo.git("update-ref", `refs/pull/${number}/merge`, "HEAD");
    await rig.repo.git("checkout", "--quiet", "main");
  });
  afterAll(() => rig.close());

  const run = (action: string, from = "acme/shop"): Promise<StepResult> =>
    rig.step(
      { command: "release" },
      {
        job: { event: "pull_request", ref: `refs/pull/${number}/merge`, permissions },
        event: {
          action,
          number,
          pull_request: { number, head: { repo: { full_name: from } } },
          repository: { full_name: "acme/shop" },
        },
      },
    );

  const comments = async (): Promise<readonly { readonly body: string }[]> => {
    const token = rig.github.token("everything");
    const url = `${rig.github.apiUrl}/repos/acme/shop/issues/${number}/comments`;
    const answer = await fetch(url, { headers: { authorization: `Bearer ${token}` } });
    return (await answer.json()) as { body: string }[];
  };

  test("is pushed to names of their own, and one comment says what to pull, however often it runs", async () => {
    for (const action of ["opened", "synchronize"]) {
      const { exitCode, log, summary } = await run(action);
      expect(exitCode, log).toBe(0);
      expect(summary).toContain(`Previews of pull request #${number}; nothing is released.`);
    }
    expect(await rig.repo.digest("api-preview", `pr-${number}`)).toBeDefined();
    expect(await rig.repo.digest("web-preview", `pr-${number}`)).toBeUndefined();
    expect(await rig.repo.visibleTags("api")).not.toContain(`pr-${number}`);
    const [only, ...others] = await comments();
    expect(others).toEqual([]);
    expect(only?.body).toContain(`\`docker pull ${rig.repo.prefix}/api-preview:pr-${number}\``);
  });

  test("of a fork is built, and pushed nowhere", async () => {
    const before = await rig.repo.listing();
    const { exitCode, log, summary } = await run("synchronize", "eve/shop");
    expect(exitCode, log).toBe(0);
    expect(summary).toContain("Built, and not released: a pull request is never released.");
    expect(await rig.repo.listing()).toEqual(before);
  });

  test("takes its previews along when it is closed, and the comment says so", async () => {
    const { exitCode, log } = await run("closed");
    expect(exitCode, log).toBe(0);
    expect(await rig.repo.digest("api-preview", `pr-${number}`)).toBeUndefined();
    expect((await comments()).map(({ body }) => body)).toEqual([
      expect.stringContaining("The previews of this pull request are deleted"),
    ]);
    expect(await rig.repo.digest("api", "main")).toBeDefined();
  });
});

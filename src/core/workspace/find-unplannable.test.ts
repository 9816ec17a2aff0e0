import { describe, expect, onTestFinished, test } from "vitest";
import { runCli } from "../../cli/program.ts";
import { services } from "../../index.ts";
import { makeTestRepository, type TestFile, type TestRepository } from "../../source/testing/repository.ts";
import { makeTestHost, type TestHost } from "../../testing/test-host.ts";

async function makeRepository(files: Readonly<Record<string, TestFile>>): Promise<TestRepository> {
  const repository = await makeTestRepository(files);
  onTestFinished(repository.dispose);
  await repository.git("remote", "add", "origin", "https://github.com/acme/shop.git");
  return repository;
}

function hostOf({ root, host }: TestRepository): TestHost {
  return makeTestHost({ cwd: root, env: host.env, run: (...given) => host.run(...given) });
}

const shop: Readonly<Record<string, TestFile>> = {
  "jar/Dockerfile": "FROM scratch\nADD target/*.jar /\n",
  "jar/pom.xml": "",
  "meta/Dockerfile": "FROM scratch\nRUN --mount=source=.git,target=.git true\n",
  "meta/x": "",
  "web/Dockerfile": "FROM scratch\nCOPY index.html /\n",
  "web/index.html": "",
};

describe("a service that cannot be planned", () => {
  test("is told by services, with what to do", async () => {
    const host = hostOf(await makeRepository(shop));
    const { unplannable } = await services({ host });
    expect(unplannable).toEqual([
      {
        service: "jar",
        because: 'jar/Dockerfile:2: ADD "target/*.jar": nothing matches in context "jar"',
        hint: '"jar/target/*.jar" is not in the repository: commit it, or, if a step before the build makes it, write into slipway.yaml: services: { jar: { generated: ["jar/target/*.jar"] } } (docs/reference/configuration.md, generated)',
      },
      {
        service: "meta",
        because: 'meta/Dockerfile:2: RUN ".git": nothing matches in context "meta"',
        hint: expect.stringContaining("a build arg with `stamp: true`"),
      },
    ]);
    expect(await runCli(host, ["services"])).toBe(0);
    expect(host.printed.stdout).toContain("cannot be planned as it is\n  jar  jar/Dockerfile:2");
  });

  test("is told by init before it writes anything", async () => {
    const host = hostOf(await makeRepository(shop));
    expect(await runCli(host, ["init", "--dry-run"])).toBe(0);
    expect(host.printed.stdout).toContain("jar cannot be planned as it is: jar/Dockerfile:2");
  });

  test("can be planned once what the hint says is done", async () => {
    const hint = 'services: { jar: { generated: ["jar/target/*.jar"] } }\n';
    const repository = await makeRepository({ ...shop, ".gitignore": "target\n", "slipway.yaml": hint });
    await repository.write({ "jar/target/app.jar": "x" });
    const { unplannable } = await services({ host: hostOf(repository) });
    expect(unplannable.map(({ service }) => service)).toEqual(["meta"]);
  });

  test("for a submodule that was not fetched is told how to fetch it", async () => {
    const library = await makeTestRepository({ "src/a": "" });
    onTestFinished(library.dispose);
    const origin = await makeRepository({ "api/Dockerfile": "FROM scratch\nCOPY lib/src /x\n" });
    await origin.git("submodule", "--quiet", "add", library.root, "api/lib");
    await origin.commit();
    await origin.git("submodule", "--quiet", "deinit", "--force", "api/lib");
    const { unplannable } = await services({ host: hostOf(origin) });
    expect(unplannable).toEqual([
      expect.objectContaining({
        service: "api",
        hint: '"api/lib" is a submodule that is not there: git submodule update --init --recursive -- "api/lib"',
      }),
    ]);
  });
});

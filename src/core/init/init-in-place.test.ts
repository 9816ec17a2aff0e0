import { readFileSync } from "node:fs";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { afterEach, describe, expect, test } from "vitest";
import { runCommand } from "../../cli/run.ts";
import type { GlobalFlags } from "../../cli/session.ts";
import { type InitOptions, init as spec } from "../../commands/init/spec.ts";
import { publishers } from "../../commands/publishers/spec.ts";
import type { InitDocument } from "../../model/init-document.ts";
import type { PublishersDocument } from "../../model/publishers-document.ts";
import { makeTestRepository, type TestRepository } from "../../source/testing/repository.ts";
import { makeTestHost } from "../../testing/test-host.ts";

const closing: (() => Promise<void>)[] = [];
afterEach(async () => {
  for (const close of closing.splice(0)) await close();
});

const workflow = ".github/workflows/build.yml";

function adoptionCase(name: string): string {
  return readFileSync(join(import.meta.dirname, "../../../test/adoption/cases", name), "utf8");
}

async function makeRepository(files: Readonly<Record<string, string>>): Promise<TestRepository> {
  const repository = await makeTestRepository(files);
  closing.push(repository.dispose);
  await repository.git("remote", "add", "origin", "https://github.com/acme/shop");
  return repository;
}

interface Ran {
  readonly exitCode: number;
  readonly stdout: string;
  readonly stderr: string;
}

async function run(
  repository: TestRepository,
  command: typeof spec | typeof publishers,
  options: object,
): Promise<Ran> {
  const host = makeTestHost({
    cwd: repository.root,
    env: repository.host.env,
    run: (program, args, more) => repository.host.run(program, args, more),
  });
  const exitCode = await runCommand(host, command, { ...command.defaults, color: false, ...options });
  return { exitCode, ...host.printed };
}

const init = (repository: TestRepository, options: GlobalFlags & Partial<InitOptions>): Promise<Ran> =>
  run(repository, spec, options);

async function initDocument(repository: TestRepository, options: Partial<InitOptions> = {}): Promise<InitDocument> {
  const { stdout } = await init(repository, { ...options, dryRun: true, json: true });
  return JSON.parse(stdout) as InitDocument;
}

async function text(repository: TestRepository, path: string): Promise<string> {
  return readFile(join(repository.root, path), "utf8");
}

/** A build of tags and branches, and a step that attests to its digest under a condition. */
function attesting(build: string, attest: string): string {
  return `on: push
jobs:
  build:
    runs-on: ubuntu-latest
    steps:
      - id: b
        uses: docker/build-push-action@v6
${build}        with:
          tags: ghcr.io/acme/shop:latest
          push: \${{ github.event_name != 'pull_request' }}
      - uses: actions/attest@v3
${attest}        with:
          subject-name: ghcr.io/acme/shop
          subject-digest: \${{ steps.b.outputs.digest }}
`;
}

describe("a step that attests", () => {
  const onTags = "        if: startsWith(github.ref, 'refs/tags/v')\n";
  test.each([
    ["without a condition", "", "", true],
    ["under the build's own condition", onTags, onTags, true],
    ["whenever the build pushes", "", "        if: github.event_name != 'pull_request'\n", true],
    ["on fewer events than the build pushes on", "", onTags, false],
  ])(
    "%s is left out for a reused image only if each pushed image was attested",
    async (_, build, attest, isLeftOut) => {
      const repository = await makeRepository({ [workflow]: attesting(build, attest), Dockerfile: "FROM scratch\n" });
      expect((await init(repository, { yes: true })).exitCode).toBe(0);
      expect((await text(repository, workflow)).includes("steps.b.outputs.reused != 'true'")).toBe(isLeftOut);
    },
  );
});

describe("slipway init in a repository that publishes", () => {
  test.each(["foo", "acme/a/b", "acme/a@", "acme/a@v1 x"])(
    "refuses --action %j, and says how one is written",
    async (action) => {
      const repository = await makeRepository({ [workflow]: adoptionCase("C-outputs-push-expr.build.yml") });
      const { exitCode, stderr } = await init(repository, { yes: true, action });
      expect([exitCode, stderr]).toEqual([2, expect.stringContaining(`--action "${action}"`)]);
      expect(stderr).toContain("OWNER/REPOSITORY@REF");
    },
  );

  test("changes the building line and nothing else; again, nothing; one revert is the way back", async () => {
    const before = adoptionCase("C-outputs-push-expr.build.yml");
    const repository = await makeRepository({ [workflow]: before, "api/Dockerfile": "FROM scratch\n" });
    const { exitCode, stdout, stderr } = await init(repository, { yes: true });
    expect([exitCode, stderr]).toEqual([0, ""]);
    expect(stdout).toContain("+      - uses: slipway-release/slipway/build-push@v1");
    expect(await repository.git("status", "--porcelain", "--untracked-files=all")).toBe(` M ${workflow}`);
    const after = before.replace("docker/build-push-action@v6", "slipway-release/slipway/build-push@v1");
    expect(await text(repository, workflow)).toBe(after);
    await repository.commit();
    expect((await init(repository, { yes: true })).stdout).toContain("Everything is there already.");
    await repository.git("revert", "--no-edit", "HEAD");
    expect(await text(repository, workflow)).toBe(before);
  });

  test("says what is published on each event, before and after the same", async () => {
    const repository = await makeRepository({ [workflow]: adoptionCase("IF-MIXED.build.yml") });
    const { events, publishers: places } = await initDocument(repository);
    expect(events.length).toBeGreaterThan(0);
    for (const { before, after } of events) expect(after).toEqual(before);
    expect(places.map(({ line, becomes }) => [line, becomes])).toEqual([
      [10, "reusing"],
      [14, "reusing"],
    ]);
  });

  test("sets Slipway up before scripts that build and push, once a job", async () => {
    const repository = await makeRepository({ [workflow]: adoptionCase("A-separate-push.build.yml") });
    await init(repository, { yes: true });
    const changed = await text(repository, workflow);
    expect(changed.split("\n").slice(6, 11)).toEqual([
      "      - uses: actions/checkout@v4",
      '      - run: echo "${{ secrets.DH_TOKEN }}" | docker login -u acme --password-stdin',
      "      - uses: slipway-release/slipway/setup@v1",
      "      - run: docker build -t acme/api:latest api",
      "      - run: docker push acme/api:latest",
    ]);
    await repository.commit();
    expect((await init(repository, { yes: true })).stdout).toContain("Everything is there already.");
  });

  test("changes a local action where a workflow calls it", async () => {
    const action = ".github/actions/build-image/action.yml";
    const repository = await makeRepository({
      [workflow]: adoptionCase("LOCAL-ACTION.build.yml"),
      [action]: adoptionCase("LOCAL-ACTION.action.yml"),
    });
    await init(repository, { yes: true });
    expect(await repository.git("status", "--porcelain", "--untracked-files=all")).toBe(` M ${action}`);
    expect(await text(repository, action)).toContain("- uses: slipway-release/slipway/build-push@v1\n");
  });

  test("pins commits where the file does", async () => {
    const commit = "0123456789abcdef0123456789abcdef01234567";
    const repository = await makeRepository({
      [workflow]: adoptionCase("B-depot.build.yml").replace(
        "depot/build-push-action@v1",
        `docker/build-push-action@${commit} # v6.18.0`,
      ),
    });
    await init(repository, { yes: true, action: `acme/slipway@${commit}` });
    expect(await text(repository, workflow)).toContain(`uses: acme/slipway/build-push@${commit}\n`);
  });

  test.each([
    ["which is looked up", true],
    ["or by its tag, with a note, where that cannot be looked up", false],
  ])("pins the commit of the newest version, %s", async (_, isReached) => {
    const [tag, commit, old] = ["a", "b", "c"].map((letter) => letter.repeat(40));
    const line = `docker/build-push-action@${old}  # v7.1.0 (both)`;
    const repository = await makeRepository({
      [workflow]: adoptionCase("B-depot.build.yml").replace("depot/build-push-action@v1", line),
    });
    const real: typeof repository.host.run = (...call) => repository.host.run(...call);
    const found = `${tag}\trefs/tags/v1\n${commit}\trefs/tags/v1^{}\n${old}\trefs/tags/v1.1.0\n${commit}\trefs/tags/v1.2.0\n`;
    const answered = { exitCode: 0, stdout: new TextEncoder().encode(found), stderr: "" };
    const host = {
      ...repository.host,
      run: async (program: string, args: readonly string[], more?: Parameters<typeof real>[2]) => {
        if (args[0] !== "ls-remote") return real(program, args, more);
        expect(args.slice(1)).toEqual(["--", "https://github.com/slipway-release/slipway", "refs/tags/v1*"]);
        return isReached ? answered : { ...answered, exitCode: 128 };
      },
    };
    const before = await text(repository, workflow);
    const { stdout } = await init({ ...repository, host }, { yes: true });
    const pinned = isReached ? `@${commit}  # v1.2.0 (both)` : "@v1  # (both)";
    expect(await text(repository, workflow)).toBe(before.replace(line, `slipway-release/slipway/build-push${pinned}`));
    expect(stdout.includes("could not be looked up, so it is used by its tag")).toBe(!isReached);
  });

  test("leaves a fork of the action alone unless asked, and stops where nothing else is to change", async () => {
    const repository = await makeRepository({ [workflow]: adoptionCase("B-depot.build.yml") });
    const { exitCode, stderr } = await init(repository, { yes: true });
    expect(exitCode).toBe(3);
    expect(stderr).toContain(`${workflow}:8:9 (fork): depot/build-push-action@v1 is a fork`);
    expect(stderr).toContain("--beside");
    expect(await repository.git("status", "--porcelain")).toBe("");
    await init(repository, { yes: true, forks: true });
    expect(await text(repository, workflow)).toContain("uses: slipway-release/slipway/build-push@v1");
  });

  test("never writes a workflow beside one that publishes without --beside, and then names it", async () => {
    const files = {
      [workflow]:
        "on: { push: { branches: [main] } }\njobs: { images: { uses: acme/ci/.github/workflows/docker.yml@v1 } }\n",
      "api/Dockerfile": "FROM scratch\n",
    };
    const repository = await makeRepository(files);
    const refused = await init(repository, { yes: true });
    expect([refused.exitCode, refused.stderr]).toEqual([3, expect.stringContaining("is in another repository")]);
    expect(await repository.git("status", "--porcelain")).toBe("");
    const { exitCode, stdout } = await init(repository, { yes: true, beside: true });
    expect(exitCode).toBe(0);
    expect(stdout).toContain(`${workflow}:2:19 (remote-workflow) publishes beside the new workflow`);
  });

  test("--workflow changes one of several; --convert refuses what it would leave behind", async () => {
    const repository = await makeRepository({
      [workflow]: adoptionCase("ONE-AFTER-OTHER.build.yml"),
      ".github/workflows/web.yml": adoptionCase("ONE-AFTER-OTHER.web.yml"),
      ".github/workflows/e.yml": adoptionCase("E-compose-push.build.yml"),
      "api/Dockerfile": "FROM scratch\n",
      "web/Dockerfile": "FROM scratch\n",
    });
    const { files } = await initDocument(repository, { workflow: "web.yml" });
    expect(files.map(({ path }) => path)).toEqual([".github/workflows/web.yml"]);
    const none = await init(repository, { yes: true, workflow: "gone.yml" });
    expect(none.stderr).toContain("nothing in .github/workflows/gone.yml publishes images");
    const converted = await init(repository, { yes: true, convert: true });
    expect(converted.exitCode).toBe(3);
    expect(converted.stderr).toContain(".github/workflows/e.yml:9:11 (compose)");
  });

  test("refuses options of a workflow that it would not write", async () => {
    const repository = await makeRepository({ [workflow]: adoptionCase("ENVS.build.yml") });
    const { exitCode, stderr } = await init(repository, { yes: true, jobs: "matrix", guides: true });
    expect([exitCode, stderr]).toEqual([2, expect.stringContaining("--jobs, --guides: init writes no workflow")]);
  });
});

describe("slipway publishers", () => {
  test("lists each place with the way that leads there", async () => {
    const repository = await makeRepository({
      [workflow]: adoptionCase("REUSABLE-LOCAL.build.yml"),
      ".github/workflows/_image.yml": adoptionCase("REUSABLE-LOCAL._image.yml"),
      ".github/workflows/broken.yml": "on: [push\n",
    });
    const { stdout } = await run(repository, publishers, { json: true });
    expect((JSON.parse(stdout) as PublishersDocument).publishers).toMatchObject([
      {
        file: ".github/workflows/_image.yml",
        line: 17,
        workflow,
        how: "build-push-action",
        via: [{ kind: "called-workflow", name: ".github/workflows/_image.yml", file: workflow, line: 5 }],
        understood: true,
      },
      { file: ".github/workflows/broken.yml", how: "unreadable", understood: false },
    ]);
    const shown = await run(repository, publishers, {});
    expect(shown.exitCode).toBe(0);
    expect(shown.stdout).toContain(".github/workflows/_image.yml:17:9  build-push-action");
    expect(shown.stdout).toContain(".github/workflows/broken.yml:2:1  unreadable");
    expect(shown.stdout).toContain("not understood: the file is not valid YAML: Flow sequence");
    const called = await init(repository, { yes: true, workflow: "_image.yml" });
    expect(called.exitCode).toBe(2);
    expect(called.stderr).toContain(`_image.yml is called by ${workflow}`);
  });
});

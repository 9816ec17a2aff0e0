import { execFile } from "node:child_process";
import { chmod, mkdir, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { environment, hasEngine, makeRepo, type Repo, sandbox } from "./rig.ts";

/** Four services as the shop has them, quick to build. */
const files = {
  "libs/events/event.txt": "an order\n",
  "services/api/Dockerfile": "FROM busybox\nCOPY libs/events /libs\nCOPY services/api/app.txt /app.txt\n",
  "services/api/app.txt": "api 1\n",
  "services/worker/Dockerfile": "FROM busybox\nCOPY libs/events /libs\nCOPY services/worker/app.txt /app.txt\n",
  "services/worker/app.txt": "worker 1\n",
  "services/gateway/Dockerfile": "FROM busybox\nCOPY app.txt /app.txt\n",
  "services/gateway/app.txt": "gateway 1\n",
  "services/web/Dockerfile": "FROM gateway\nCOPY app.txt /site.txt\n",
  "services/web/app.txt": "web 1\n",
};
const config = `
services:
  api: { context: ., dockerfile: services/api/Dockerfile }
  worker: { context: ., dockerfile: services/worker/Dockerfile }
  gateway: { context: services/gateway }
  web: { context: services/web, contexts: { gateway: { service: gateway } } }
`;
const pages = [
  "docs/DOCKER_QUICK_REFERENCE.md",
  "docs/DOCKER_BUILD_OPTIMIZATION.md",
  "docs/DOCKER_WORKFLOW_COMPARISON.md",
];

/** A block of commands as a reader copies it. */
interface Block {
  readonly page: string;
  readonly heading: string;
  readonly script: string;
}

function blocksOf(page: string, text: string): Block[] {
  let heading = "";
  const blocks: Block[] = [];
  for (const [, title, script] of text.matchAll(/^## (.+)$|^```sh\n([\s\S]*?)^```$/gm)) {
    if (title !== undefined) heading = title;
    if (script !== undefined) blocks.push({ page, heading, script });
  }
  return blocks;
}

describe.skipIf(!hasEngine)("the guides of a repository that was released", () => {
  let repo: Repo;
  let tools: string;
  let blocks: Block[] = [];

  beforeAll(async () => {
    repo = await makeRepo(files, { config });
    await repo.git("remote", "add", "origin", "https://github.com/acme/shop.git");
    tools = await mkdtemp(join(tmpdir(), "slipway-guides-tools-"));
    // `npx slipway` runs this program where it is installed.
    await writeFile(join(tools, "npx"), `#!/bin/sh\nshift\nexec "${process.execPath}" "${sandbox().program}" "$@"\n`);
    await chmod(join(tools, "npx"), 0o755);
    await mkdir(join(tools, "empty"));
    for (const version of ["1.0.0", "1.1.0"]) {
      const released = await repo.slipway("release", version);
      expect(released.exitCode, released.stderr).toBe(0);
      await repo.commit({ "services/api/app.txt": `api after ${version}\n` }, "feat(api): more");
    }
    const written = await repo.slipway("init", "--guides", "--yes", "--action", "acme/slipway@v1");
    expect(written.exitCode, written.stderr).toBe(0);
    await repo.commit({}, "docs: the guides");
    const texts = await Promise.all([...pages, "README.md"].map((page) => readFile(join(repo.folder, page), "utf8")));
    blocks = texts.flatMap((text, index) => blocksOf(pages[index] ?? "README.md", text));
  });
  afterAll(async () => {
    await repo.remove();
    await rm(tools, { recursive: true, force: true });
  });

  const run = (script: string): Promise<{ exitCode: number; output: string }> =>
    new Promise((resolve) => {
      const env = { ...environment(), PATH: `${tools}:${process.env["PATH"] ?? ""}` };
      execFile("bash", ["-euo", "pipefail", "-c", script], { cwd: repo.folder, env }, (error, stdout, stderr) => {
        resolve({ exitCode: error === null ? 0 : Number(error.code), output: stdout + stderr });
      });
    });

  test("show what was measured: the releases in the registry", async () => {
    const text = await readFile(join(repo.folder, pages[2] ?? ""), "utf8");
    expect(text).toContain("From the last 2 releases");
    expect(text).toMatch(/\| Image builds \| 8 \| 5 \| 38 % fewer \|/);
    expect(text).not.toContain("No release tells");
    const { releases } = JSON.parse((await repo.slipway("status", "--json")).stdout) as {
      releases: { services: { service: string; origin: string }[] }[];
    };
    const built = releases.map(({ services }) => services.filter(({ origin }) => origin === "built").length);
    expect(built).toEqual([1, 4]);
  });

  test("every command in them does what they say, one after the other", async () => {
    expect(blocks.length).toBeGreaterThan(12);
    for (const { page, heading, script } of blocks) {
      const { exitCode, output } = await run(script);
      expect(exitCode, `${page}, ${heading}:\n${script}\n${output}`).toBe(0);
    }
    // The commands released the next version and rolled back to the one before the last.
    expect(await repo.digest("api", "1.1.1")).toBeDefined();
    expect(await repo.digest("api", "latest")).toBe(await repo.digest("api", "1.0.0"));
  });

  test("a command in their tables is one, too", async () => {
    const text = await readFile(join(repo.folder, pages[0] ?? ""), "utf8");
    const inTables = [...text.matchAll(/^\|.*$/gm)].flatMap(([row]) => [...row.matchAll(/`(npx slipway [^`]+)`/g)]);
    const commands = inTables.map(([, command = ""]) => command);
    expect(commands.length).toBeGreaterThan(3);
    for (const command of new Set(commands)) {
      const { exitCode, output } = await run(command);
      expect(exitCode, `${command}\n${output}`).toBe(0);
    }
  });
});

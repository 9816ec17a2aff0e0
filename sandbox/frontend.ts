import { chmodSync, cpSync, existsSync, mkdirSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { packLayer, pushImage } from "./image.ts";
import type { Log } from "./packages.ts";
import { mustRun, run } from "./processes.ts";
import { stateFolder, withLock } from "./state.ts";
import { SandboxUnavailable } from "./unavailable.ts";

/** Of the BuildKit that is in Debian's Docker Engine. */
const version = "v0.25.2";
const module = "github.com/moby/buildkit/frontend/dockerfile/cmd/dockerfile-frontend";

/**
 * Puts BuildKit's Dockerfile frontend into a mirror as `docker/dockerfile:1`, so that `# syntax=docker/dockerfile:1`
 * resolves. It is compiled from its Go module the first time, which takes a minute or two and needs Go; later calls
 * take a moment.
 * @throws SandboxUnavailable without Go.
 */
export async function addFrontend(
  sandbox: { readonly mirror: string },
  options: { readonly log?: Log; readonly signal?: AbortSignal } = {},
): Promise<void> {
  const binary = join(stateFolder(), "frontend", version, "dockerfile-frontend");
  await withLock(
    "frontend",
    async () => {
      if (!existsSync(binary)) await compile(binary, options.log ?? (() => undefined), options.signal);
    },
    options.signal,
  );
  const root = join(dirname(binary), "root");
  mkdirSync(join(root, "bin"), { recursive: true });
  cpSync(binary, join(root, "bin/dockerfile-frontend"));
  const layer = await packLayer(dirname(binary), "layer", ["-C", root, "bin"]);
  await pushImage(new URL(sandbox.mirror).host, {
    name: "docker/dockerfile",
    tags: ["1", "1.19", "latest"],
    layers: [layer],
    config: {
      Env: ["PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"],
      Entrypoint: ["/bin/dockerfile-frontend"],
      Labels: {
        "moby.buildkit.frontend.network.none": "true",
        "moby.buildkit.frontend.caps":
          "moby.buildkit.frontend.inputs,moby.buildkit.frontend.subrequests,moby.buildkit.frontend.contexts",
      },
    },
    architecture: process.arch === "x64" ? "amd64" : process.arch,
  });
}

async function compile(binary: string, log: Log, signal?: AbortSignal): Promise<void> {
  if ((await run("go", ["version"])).exitCode !== 0) {
    throw new SandboxUnavailable("The Dockerfile frontend is compiled from its Go module, and there is no go command.");
  }
  log("compiling the Dockerfile frontend (a minute or two, once)");
  const folder = join(dirname(binary), "source");
  rmSync(folder, { recursive: true, force: true });
  mkdirSync(folder, { recursive: true });
  writeFileSync(join(folder, "go.mod"), "module frontend\n\ngo 1.24.0\n");
  const env = { ...process.env, CGO_ENABLED: "0" };
  await mustRun("downloading the Dockerfile frontend", "go", ["get", `${module}@${version}`], {
    cwd: folder,
    env,
    signal,
  });
  const tags = "osusergo,netgo,static_build";
  const args = ["build", "-trimpath", "-tags", tags, "-ldflags", "-s -w", "-o", "frontend", module];
  await mustRun("compiling the Dockerfile frontend", "go", args, { cwd: folder, env, signal });
  chmodSync(join(folder, "frontend"), 0o755);
  renameSync(join(folder, "frontend"), binary);
  rmSync(folder, { recursive: true, force: true });
}

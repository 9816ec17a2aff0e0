import { cpSync, mkdirSync } from "node:fs";
import { dirname, join } from "node:path";
import { ensureGoProgram, type GoProgram } from "./go-program.ts";
import { packLayer, pushImage } from "./image.ts";
import type { Log } from "./packages.ts";

/** Of the BuildKit that is in Debian's Docker Engine. */
const version = "v0.25.2";
const frontend: GoProgram = {
  what: "The Dockerfile frontend",
  file: join("frontend", version, "dockerfile-frontend"),
  package: "github.com/moby/buildkit/frontend/dockerfile/cmd/dockerfile-frontend",
  version,
};

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
  const binary = await ensureGoProgram(frontend, options.log ?? (() => undefined), options.signal);
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

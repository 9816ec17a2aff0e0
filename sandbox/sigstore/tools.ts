import { join } from "node:path";
import { ensureTool } from "../fetched-tool.ts";
import type { Log } from "../packages.ts";
import { run } from "../processes.ts";

const sigstorePython = { package: "sigstore", version: "4.5.1" } as const;

/** sigstore-python, from PyPI, below the sandbox's folder; undefined where it cannot be had. */
export function ensureSigstorePython(log: Log): Promise<string | undefined> {
  const install = async (folder: string): Promise<void> => {
    if ((await run("python3", ["-m", "venv", folder])).exitCode !== 0) return;
    const wanted = `${sigstorePython.package}==${sigstorePython.version}`;
    await run(join(folder, "bin/pip"), ["install", "--quiet", "--disable-pip-version-check", wanted]);
  };
  const name = `sigstore-${sigstorePython.version}`;
  return ensureTool({ group: "sigstore", name, file: "bin/sigstore", install }, log);
}

import { existsSync } from "node:fs";
import { join } from "node:path";
import { ensureGoProgram, type GoProgram } from "./go-program.ts";
import type { Log } from "./packages.ts";
import { stateFolder } from "./state.ts";

const version = "v3.22.0";
const program: GoProgram = {
  what: "helm",
  file: `tools/helm-${version}/helm`,
  package: "helm.sh/helm/v3/cmd/helm",
  version,
};

/**
 * Path of helm, which renders charts; it is compiled from its Go module, which takes minutes the first time.
 * @throws SandboxUnavailable without Go, or where the module cannot be had.
 */
export function ensureHelm(log: Log): Promise<string> {
  return ensureGoProgram(program, log);
}

/** Whether it is compiled already. */
export function isHelmThere(): boolean {
  return existsSync(join(stateFolder(), program.file));
}

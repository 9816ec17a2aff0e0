import { statSync } from "node:fs";
import { resolve } from "node:path";
import { SlipwayError } from "../../errors.ts";
import type { Host } from "../../host.ts";
import { provenanceAttributes } from "../drop-in/attestations.ts";
import type { DockerRun } from "../drop-in/docker-run.ts";
import { fillTemplate } from "../drop-in/fill-template.ts";
import { makeStepValues } from "../drop-in/step-values.ts";

/** Inputs of bake-action, as it reads them; those that are not set are empty. */
export interface BakeInputs {
  readonly builder: string;
  readonly allow: readonly string[];
  readonly call: string;
  readonly files: readonly string[];
  readonly noCache: boolean;
  readonly pull: boolean;
  readonly load: boolean;
  readonly provenance: string;
  readonly push: boolean;
  readonly sbom: string;
  readonly set: readonly string[];
  readonly source: BakeSource;
  readonly targets: readonly string[];
  readonly vars: readonly string[];
  readonly token: string;
}

/** Source of the definition: an address that buildx fetches, or a folder. */
export type BakeSource =
  | { readonly kind: "address"; readonly url: string }
  | { readonly kind: "folder"; readonly path: string };

/** Reads the inputs as bake-action does. `defaultContext`: the run's own repository. Throws `option-invalid` for the first invalid input. */
export async function readBakeInputs(host: Host, run: DockerRun, defaultContext: string): Promise<BakeInputs> {
  const { text, flag, list } = makeStepValues(host.env);
  const plainLines = { byLines: true, keepsQuotes: true } as const;
  return {
    builder: text("builder"),
    allow: list("allow"),
    call: text("call"),
    files: list("files"),
    noCache: flag("no-cache"),
    pull: flag("pull"),
    load: flag("load"),
    provenance: provenanceAttributes(text("provenance"), run),
    push: flag("push"),
    sbom: text("sbom"),
    set: list("set", plainLines),
    source: await readSource(host.cwd, text("source"), defaultContext),
    targets: list("targets"),
    vars: list("vars", plainLines),
    token: text("github-token"),
  };
}

async function readSource(cwd: string, given: string, defaultContext: string): Promise<BakeSource> {
  const source = (await fillTemplate(given, defaultContext)) || defaultContext;
  if (isRemoteSource(source)) return { kind: "address", url: source };
  if (statSync(resolve(cwd, given), { throwIfNoEntry: false }) !== undefined) return { kind: "folder", path: source };
  throw new SlipwayError("option-invalid", `Invalid source: ${given} does not exist or is not a directory.`, {
    hint: 'the input "source" is a folder of the workspace, or an address; `.` is the workspace itself',
  });
}

/** Whether docker's actions read a text as a remote source. Source: docker/actions-toolkit, src/util.ts, `isValidRef`. */
export function isRemoteSource(text: string): boolean {
  const isUrl = URL.canParse(text) && /^https?:$/.test(new URL(text).protocol);
  return isUrl || ["git://", "github.com/", "git@"].some((prefix) => text.startsWith(prefix));
}

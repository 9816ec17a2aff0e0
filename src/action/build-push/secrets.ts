import type { DockerRun } from "../drop-in/docker-run.ts";
import type { BuildPushInputs } from "./inputs.ts";

/** Values other than the inputs that the secrets of a build depend on. */
export interface SecretSurroundings {
  readonly run: Pick<DockerRun, "server">;
  readonly files: SecretFiles;
}

/** Access to files of secrets. */
export interface SecretFiles {
  /** Returns the path of the file for the n-th secret, counted from 0. */
  secret(index: number): string;
  /** Whether a file that the workflow names exists. */
  isThere(path: string): boolean;
}

/** Secrets of one input: flags for buildx, and files to write. */
export interface PlannedSecrets {
  readonly flags: string[];
  readonly files: { readonly path: string; readonly value: string }[];
  readonly warnings: string[];
}

/** Secrets of a build by input; `token`: that of the run, for its own repository. */
export interface BuildSecrets {
  readonly environment: PlannedSecrets;
  readonly values: PlannedSecrets;
  readonly files: PlannedSecrets;
  readonly token: PlannedSecrets;
}

/** Plans the secrets of all inputs; an invalid one is left out with a warning. */
export function planSecrets(inputs: BuildPushInputs, { run, files }: SecretSurroundings): BuildSecrets {
  let count = 0;
  const inFile = ({ flags, files: written }: PlannedSecrets, id: string, value: string): void => {
    const path = files.secret(count);
    count += 1;
    flags.push(`id=${id},src=${path}`);
    written.push({ path, value });
  };
  const environment = planEach(inputs.secretEnvs, ({ flags }, id, value) => flags.push(`id=${id},env=${value}`));
  const values = planEach(inputs.secrets, inFile);
  const paths = planEach(inputs.secretFiles, ({ flags, warnings }, id, path) =>
    files.isThere(path) ? flags.push(`id=${id},src=${path}`) : warnings.push(`secret file ${path} not found`),
  );
  const isGiven = inputs.secrets.some((secret) => secret.startsWith("GIT_AUTH_TOKEN="));
  const isNeeded = inputs.token !== "" && !isGiven && inputs.isOwnRepository;
  const token = isNeeded ? [`GIT_AUTH_TOKEN.${new URL(run.server).host}=${inputs.token}`] : [];
  return { environment, values, files: paths, token: planEach(token, inFile) };
}

function planEach(
  entries: readonly string[],
  plan: (into: PlannedSecrets, id: string, value: string) => void,
): PlannedSecrets {
  const planned: PlannedSecrets = { flags: [], files: [], warnings: [] };
  for (const entry of entries) {
    const at = entry.indexOf("=");
    const [id, value] = [entry.slice(0, Math.max(at, 0)), entry.slice(at + 1)];
    if (id === "" || value === "") planned.warnings.push(`${entry} is not a valid secret`);
    else plan(planned, id, value);
  }
  return planned;
}

import { readFile } from "node:fs/promises";
import { resolve } from "node:path";
import { errorMessage, SlipwayError } from "../../errors.ts";
import type { Workspace } from "../workspace/workspace.ts";

/** The text of the signing key, and where it is from, for messages. */
export interface KeyText {
  readonly text: string;
  readonly source: string;
}

/** Reads the private key that slipway.yaml names, or the environment's; undefined: there is none. Throws `signing-key-invalid`. */
export async function readKeyText({ host, project, repository }: Workspace): Promise<KeyText | undefined> {
  const { key } = project.signing;
  const variable = key === undefined ? "SLIPWAY_SIGNING_KEY" : /^env:(.+)$/.exec(key)?.[1];
  if (variable !== undefined) {
    const text = host.env[variable] ?? "";
    if (text !== "") return { text, source: variable };
    if (key === undefined) return undefined;
    throw new SlipwayError("signing-key-invalid", `reading the signing key: the variable ${variable} is not set`);
  }
  const source = key ?? "";
  try {
    return { text: await readFile(resolve(repository.root, source), "utf8"), source };
  } catch (error) {
    throw new SlipwayError("signing-key-invalid", `reading the signing key ${source}: ${errorMessage(error)}`);
  }
}

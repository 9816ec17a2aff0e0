import { asMap, type YamlValue } from "../../formats/yaml-data.ts";
import { readYamlText } from "../../formats/yaml-document.ts";
import { addAll } from "../../model/lists.ts";
import type { Publisher } from "../../publishers/publisher.ts";
import { parseSource } from "../../publishers/source-file.ts";
import { handedDigests, signersOfOutput, type UnchangedSigner } from "./signing-steps.ts";
import type { ActionPin, StepPath } from "./step-change.ts";

/** Changed file, with the steps that become Slipway's. */
export interface EditedBuilds {
  readonly file: string;
  readonly builds: readonly StepPath[];
  /** Whether steps that sign or attest got a condition. */
  readonly hasConditions: boolean;
  readonly unchanged: readonly UnchangedSigner[];
}

/** Returns what a person has to know about the changes of these files. */
export function notesOnChanges(
  edited: readonly EditedBuilds[],
  publishers: readonly Publisher[],
  { pin, read }: { readonly pin: ActionPin; readonly read: (file: string) => string | undefined },
): string[] {
  if (edited.length === 0) return [];
  const notes: string[] = [];
  const files = new Set(publishers.flatMap(({ address }) => address?.file ?? []));
  const owner = pin.repository.split("/")[0] ?? pin.repository;
  notes.push(
    `where an organisation allows chosen actions only, add ${owner}/* to them; runners of your own need version 2.327.1 or later (node24)`,
  );
  for (const file of [...files].sort()) addAll(notes, missingPermissions(file, read(file)));
  if (edited.some(({ hasConditions }) => hasConditions))
    notes.push(
      "a reused image keeps the signatures and attestations of the run that built it; they name that run's branch or tag",
    );
  for (const each of edited) {
    for (const { path, advice } of each.unchanged) notes.push(`${placeOf(each.file, path, read)}: ${advice}`);
    addAll(notes, notesOnCallers(each, publishers, read));
  }
  return [...new Set(notes)];
}

function placeOf(file: string, path: StepPath, read: (file: string) => string | undefined): string {
  const place = parseSource(file, read(file) ?? "")?.placeOf(path);
  return place === undefined ? file : `${file}:${place.line}:${place.column}`;
}

/** Names steps of calling files that sign the digest which the changed file hands out. */
function notesOnCallers(
  { file, builds }: EditedBuilds,
  publishers: readonly Publisher[],
  read: (file: string) => string | undefined,
): string[] {
  const handed = handedDigests(dataOf(read(file)), builds);
  const callers = new Set(
    publishers
      .filter(({ address }) => address?.file === file)
      .flatMap(({ workflow, via }) => [workflow, ...via.map(({ from }) => from.file)])
      .filter((each) => each !== file),
  );
  return handed.flatMap(({ output, id }) =>
    [...callers]
      .sort()
      .flatMap((caller) =>
        signersOfOutput(dataOf(read(caller)), output).map(
          (path) =>
            `${placeOf(caller, path, read)}: it signs or attests to ${output} of ${file}; a reused image is signed already. Hand steps.${id}.outputs.reused on beside ${output}, and add an if: that it is not 'true'`,
        ),
      ),
  );
}

function dataOf(text: string | undefined): YamlValue | undefined {
  return text === undefined ? undefined : (readYamlText(text)?.value as YamlValue | undefined);
}

/** Returns a note for each job that pushes to GitHub's registry with the run's token and lacks the permission to do so. */
function missingPermissions(file: string, text: string | undefined): string[] {
  const whole = asMap(dataOf(text));
  return Object.entries(asMap(whole["jobs"])).flatMap(([id, job]) => {
    const permissions = asMap(job)["permissions"] ?? whole["permissions"];
    const written = JSON.stringify(job ?? null);
    const pushes =
      /ghcr\.io/.test(written) && /GITHUB_TOKEN|github\.token/.test(written) && /docker\/login-action/.test(written);
    const lacks = typeof permissions === "object" && permissions !== null && asMap(permissions)["packages"] !== "write";
    return pushes && lacks
      ? [`${file}: job ${id} logs in to ghcr.io with the run's token and lacks the permission packages: write`]
      : [];
  });
}

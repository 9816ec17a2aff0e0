import { missingFile } from "../../buildkit/missing-file.ts";
import type { BuildInvocation } from "../../model/build-invocation.ts";
import { rewriteBuildMemory } from "./build-memory.ts";
import { type BuiltPlainly, buildPlainly } from "./build-plainly.ts";
import type { PlanBasis } from "./plan-drop-in.ts";
import type { DropInContext, DropInRequest } from "./request.ts";
import { findMistaken } from "./sent-before.ts";
import { stageBuild, type StagedBuild } from "./stage-build.ts";

/** A build, with the permission to record it. */
export interface BuiltOnInputs {
  readonly built: BuiltPlainly;
  readonly isRecordable: boolean;
}

/**
 * Runs the caller's build. If the build will be recorded, BuildKit gets only the files that Slipway read. If it misses a file, the caller's
 * build runs once more on the original folders and is not recorded.
 */
export async function buildOnInputs(
  context: DropInContext,
  request: DropInRequest,
  invocation: BuildInvocation,
  basis: PlanBasis | null,
): Promise<BuiltOnInputs> {
  const isRecordable = basis !== null && isExact(context, basis) && willRecord(basis);
  const staged =
    isRecordable && context.mayStage !== false
      ? await stageBuild(context.host, request, basis.reading, basis.contexts)
      : undefined;
  if (staged === undefined) return { built: await buildPlainly(context, request, invocation), isRecordable };
  const built = await buildPlainly(context, request, invocation, staged).finally(staged.remove);
  await rewriteBuildMemory(context.host, built.metadata, staged.originalOf);
  const stderrLines = built.stderrLines ?? [];
  const missing = built.exitCode === 0 ? undefined : (missingFile(stderrLines) ?? missingInStage(stderrLines, staged));
  if (missing === undefined) return { built, isRecordable };
  const message = `BuildKit reads "${missing}", which Slipway did not find among the files of the build: it is built again, without a record`;
  context.emit({ kind: "warning", message });
  return { built: await buildPlainly(context, request, invocation), isRecordable: false };
}

/** The caller's path of a staged one that buildx itself looked for and did not find; undefined: it failed for something else. */
function missingInStage(stderrLines: readonly string[], { originalOf }: StagedBuild): string | undefined {
  return stderrLines
    .flatMap((line) => /\bstat (\S+): no such file or directory/.exec(line)?.[1] ?? [])
    .map((path) => ({ path, original: originalOf(path) }))
    .find(({ path, original }) => path !== original)?.original;
}

/** Whether BuildKit will have the content that was read. Looked at in every build, since each one changes what BuildKit has. */
function isExact({ emit }: DropInContext, { reading, contexts }: PlanBasis): boolean {
  const mistaken = findMistaken(reading.files.tree, contexts);
  if (mistaken === undefined) return true;
  const message = `"${mistaken}" has the size and the time that it had with another content, and a builder that was sent that one keeps it: this build is not recorded. Let its time follow its content`;
  emit({ kind: "warning", message });
  return false;
}

function willRecord({ records, observed }: PlanBasis): boolean {
  const isWriting = records !== undefined && records.access.writes !== null;
  return isWriting && observed.kind === "read" && observed.volatile === null;
}

import type { Dockerfile, FileRead } from "../dockerfile/dockerfile.ts";
import { configurationError, type Diagnostic, type SlipwayError } from "../errors.ts";
import { excerpt } from "../model/excerpt.ts";
import { StepLimitError } from "../model/steps.ts";
import type { Service } from "../model/service.ts";
import type { SourceTree } from "../source/tree.ts";
import type { ContextFiles } from "./inputs.ts";
import { buildContextView, namedContextView } from "./parsed.ts";
import { Selection, toInputFiles } from "./selection.ts";
import type { ContextView } from "./view.ts";

interface FilesRequest {
  readonly service: Service;
  readonly tree: SourceTree;
  readonly reads: readonly FileRead[];
  readonly dockerfile: Dockerfile;
}

/** The files that a build reads: of the build context first (its name is empty), then of each named folder it uses. */
export async function readFiles(request: FilesRequest): Promise<(ContextFiles & { readonly name: string })[]> {
  const { service, tree, reads, dockerfile } = request;
  const faults: Diagnostic[] = [];
  const hints: string[] = [];
  const readContext = async (name: string, view: ContextView): Promise<ContextFiles & { name: string }> => {
    const own = reads.filter(({ from }) => (from.kind === "context" ? "" : from.name) === name);
    const selection = new Selection(view);
    for (const read of own) await addRead(selection, read, dockerfile.file, faults, hints);
    return { name, root: view.root, files: await toInputFiles(view, selection.entries()) };
  };
  const main = await buildContextView(tree, service);
  if (main === undefined) throw notThere(service.context, `context of service "${service.name}"`, dockerfile.file);
  const all = [await readContext("", main)];
  for (const [name, context] of Object.entries(service.contexts)) {
    if (context.kind !== "folder" || !reads.some(({ from }) => from.kind === "named" && from.name === name)) continue;
    const view = await namedContextView(tree, context.path);
    const what = `context "${name}" of service "${service.name}"`;
    if (view === undefined) throw notThere(context.path, what, dockerfile.file);
    all.push(await readContext(name, view));
  }
  if (faults.length > 0) throw configurationError(faults, hints[0]);
  return all;
}

function notThere(folder: string, what: string, file: string): SlipwayError {
  const message = `the ${what} is not there: "${folder}"`;
  return configurationError([{ file, message }], "check its path in the service; a link must end in the repository");
}

async function addRead(
  selection: Selection,
  read: FileRead,
  file: string,
  faults: Diagnostic[],
  hints: string[],
): Promise<void> {
  for (const source of read.sources) {
    try {
      if (await selection.add(read, source)) continue;
    } catch (error) {
      if (!(error instanceof StepLimitError)) throw error;
      const message = `to match "${excerpt(source)}" and the patterns before it ${error.message}: use simpler ones`;
      throw configurationError([{ file, line: read.line, message: `${read.instruction}: ${message}` }]);
    }
    const { view } = selection;
    const name = `context "${view.root}"`;
    faults.push({ file, line: read.line, message: `${read.instruction} "${source}": nothing matches in ${name}` });
    hints.push(hintFor(view, source));
  }
}

function hintFor(view: ContextView, source: string): string {
  const path = view.treePath(source.replace(/^\/+|\/+$/g, ""));
  const isThere = view.tree.get(path) !== undefined || view.tree.isFolder(path);
  if (isThere && view.ignoreFile !== undefined) {
    return `"${path}" is there, but ${view.ignoreFile} leaves it out: add a line !${source}`;
  }
  return `"${path}" is not in the repository: commit it, or name it under generated if a step before the build makes it`;
}

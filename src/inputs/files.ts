import { addAll } from "../model/lists.ts";
import { trimOf } from "../formats/trim.ts";
import type { Dockerfile, FileRead } from "../dockerfile/syntax/dockerfile.ts";
import { configurationError, type Diagnostic, type SlipwayError } from "../errors.ts";
import { excerpt } from "../model/excerpt.ts";
import { StepLimitError } from "../model/steps.ts";
import type { Service } from "../model/service.ts";
import type { SourceTree } from "../source/tree/source-tree.ts";
import type { ContextFiles } from "./request.ts";
import { buildContextView, namedContextView } from "./parsed.ts";
import { type MissingSource, Selection, prefixesOf } from "./selection.ts";
import type { ContextView } from "./view.ts";

interface FilesRequest {
  readonly service: Service;
  readonly tree: SourceTree;
  readonly reads: readonly FileRead[];
  readonly dockerfile: Dockerfile;
}

/** The files that a build reads from its folders. */
export interface FilesRead {
  /** Files of the build context, then of each named folder that is used. */
  readonly contexts: readonly ContextFiles[];
  /** Folders called `.git` that the build would read from disk, as paths of the tree. `contexts` does not list their content. */
  readonly gitFolders: readonly string[];
}

export async function readFiles(request: FilesRequest): Promise<FilesRead> {
  const { service, tree, reads, dockerfile } = request;
  const faults: Diagnostic[] = [];
  const hints: string[] = [];
  const gitFolders: string[] = [];
  const readContext = async (name: string | null, view: ContextView): Promise<ContextFiles> => {
    const own = reads.filter(({ from }) => (from.kind === "context" ? null : from.name) === name);
    const selection = new Selection(view);
    const report = (read: FileRead, source: string, missing: MissingSource): void => {
      const { message, hint } = explainMissing({ view, service: service.name }, read, source, missing);
      faults.push({ file: dockerfile.file, line: read.line, message });
      hints.push(hint);
    };
    for (const read of own) await addRead(selection, read, dockerfile.file, report);
    for (const { read, source } of selection.unmatched()) report(read, source, { link: undefined });
    addAll(
      gitFolders,
      selection.gitFolders().map((path) => view.treePath(path)),
    );
    return { name, root: view.root, files: await selection.entries() };
  };
  const main = await buildContextView(tree, service);
  if (main === undefined) throw notThere(service.context, `context of service "${service.name}"`, dockerfile.file);
  const all = [await readContext(null, main)];
  for (const [name, context] of Object.entries(service.contexts)) {
    if (context.kind !== "folder" || !reads.some(({ from }) => from.kind === "named" && from.name === name)) continue;
    const view = await namedContextView(tree, context.path);
    const what = `context "${name}" of service "${service.name}"`;
    if (view === undefined) throw notThere(context.path, what, dockerfile.file);
    all.push(await readContext(name, view));
  }
  if (faults.length > 0) throw configurationError(faults, hints[0]);
  return { contexts: all, gitFolders };
}

function notThere(folder: string, what: string, file: string): SlipwayError {
  const message = `the ${what} is not there: "${folder}"`;
  return configurationError([{ file, message }], "check its path in the service; a link must end in the repository");
}

async function addRead(
  selection: Selection,
  read: FileRead,
  file: string,
  report: (read: FileRead, source: string, missing: MissingSource) => void,
): Promise<void> {
  for (const source of read.sources) {
    try {
      const missing = await selection.add(read, source);
      if (missing !== undefined) report(read, source, missing);
    } catch (error) {
      if (!(error instanceof StepLimitError)) throw error;
      const message = `to match "${excerpt(source)}" and the patterns before it ${error.message}: use simpler ones`;
      throw configurationError([{ file, line: read.line, message: `${read.instruction}: ${message}` }]);
    }
  }
}

function explainMissing(
  { view, service }: { readonly view: ContextView; readonly service: string },
  { instruction }: FileRead,
  source: string,
  { link }: MissingSource,
): { message: string; hint: string } {
  if (link === undefined) {
    const message = `${instruction} "${source}": nothing matches in context "${view.root}"`;
    return { message, hint: hintFor(view, source, service) };
  }
  const path = view.treePath(link);
  const message = `${instruction} "${source}": it matches the symlink "${link}", which leads to nothing in context "${view.root}"`;
  return { message, hint: `mend or remove the link "${path}", or leave it out by a line in an ignore file` };
}

function hintFor(view: ContextView, source: string, service: string): string {
  const path = view.treePath(trimOf(source, "/"));
  if (path.split("/").includes(".git")) {
    return "git's own folder is in no build, also not by generated: it differs from clone to clone. Give the build what it needs of it: a build arg with `stamp: true` for a commit or a version, or a file that a step before the build writes and that is named under generated";
  }
  const submodule = missingSubmodule(view, path);
  if (submodule !== undefined)
    return `"${submodule}" is a submodule that is not there: git submodule update --init --recursive -- ${JSON.stringify(submodule)}`;
  const index = view.listing.indexOf(path);
  if (index !== undefined && view.isVisible(index) && view.listing.kindAt(index) === "link") {
    return `"${path}" is a symlink that leads to nothing in the context: mend or remove it`;
  }
  if (view.tree.kindOf(path) !== undefined && view.ignoreFile !== undefined) {
    return `"${path}" is there, but ${view.ignoreFile} leaves it out: add a line !${source}`;
  }
  const generated = `services: { ${service}: { generated: [${JSON.stringify(path)}] } }`;
  return `"${path}" is not in the repository: commit it, or, if a step before the build makes it, write into slipway.yaml: ${generated} (docs/reference/configuration.md, generated)`;
}

/** The submodule without a checkout that a path is in. */
function missingSubmodule({ tree }: ContextView, path: string): string | undefined {
  for (const folder of prefixesOf(path)) if (tree.kindOf(folder) === "submodule") return folder;
  return undefined;
}

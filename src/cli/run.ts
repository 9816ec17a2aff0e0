import type { CommandSpec, DialogueSpec } from "../commands/spec.ts";
import type { Host } from "../host.ts";
import { openWorkspace } from "../core/workspace/workspace.ts";
import { type GlobalFlags, type Session, withSession } from "./session.ts";
import { version } from "./version.ts";

/** Runs a command with its options and the ones that every command takes. Gives the exit code. */
export function runCommand(host: Host, spec: CommandSpec | DialogueSpec, options: GlobalFlags): Promise<number> {
  return withSession(host, options, (session) =>
    "load" in spec ? runOverWorkspace(session, spec, options) : runDialogue(session, spec, options),
  );
}

async function runOverWorkspace(session: Session, spec: CommandSpec, options: GlobalFlags): Promise<number> {
  const { host, emit, print, isLive } = session;
  const { offline, outputs = [] } = spec.opens?.(options) ?? {};
  const written = [...(options.events === undefined ? [] : [options.events]), ...outputs];
  // What the command does is loaded while git looks at the repository.
  const [workspace, body] = await Promise.all([
    openWorkspace(host, { ...options, offline, outputs: written }, emit),
    spec.load(),
  ]);
  const result = await body.run(workspace, options);
  const document = body.document === undefined ? result : body.document(result);
  print(document, result, (shown, style) => body.render(shown, style, { options, isLive, now: host.now() }));
  return spec.exitCode?.(result) ?? 0;
}

async function runDialogue({ host, print }: Session, spec: DialogueSpec, options: GlobalFlags): Promise<number> {
  const body = await spec.loadDialogue();
  const { repo, json = false, color = true } = options;
  await body.converse({ host, print, repo, json, color, version }, options);
  return 0;
}

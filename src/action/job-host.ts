import type { Host } from "../host.ts";

/** What a job's steps are to have, beside what the runner gave them. */
export interface JobEnvironment {
  /** The workspace. */
  readonly cwd: string;
  /** For Slipway and for every program it runs. */
  readonly env: Readonly<Record<string, string>>;
  /** For Slipway alone: no program that it runs finds them in its environment. */
  readonly own: Readonly<Record<string, string>>;
}

/** The same host in a job's workspace, with a job's variables and without the action's inputs: some of them are secrets. */
export function makeJobHost(host: Host, { cwd, env, own }: JobEnvironment): Host {
  const inputs = Object.keys(host.env).filter((name) => name.startsWith("INPUT_"));
  const passed = { ...Object.fromEntries(inputs.map((name) => [name, undefined])), ...env };
  return {
    ...host,
    cwd,
    env: { ...host.env, ...passed, ...own },
    run: (program, args, options = {}) =>
      host.run(program, args, { cwd, ...options, env: { ...passed, ...options.env } }),
  };
}

/** Settings for git by its environment, after those that are there: `safe.directory` for a folder that another user owns. */
export function trustFolder(env: Host["env"], folder: string): Record<string, string> {
  const count = Number(env["GIT_CONFIG_COUNT"] ?? "0") || 0;
  return {
    GIT_CONFIG_COUNT: String(count + 1),
    [`GIT_CONFIG_KEY_${count}`]: "safe.directory",
    [`GIT_CONFIG_VALUE_${count}`]: folder,
  };
}

import type { Host } from "../host.ts";

/** Environment for a job's steps, in addition to that of the runner. */
export interface JobEnvironment {
  /** Path of the workspace. */
  readonly cwd: string;
  /** Variables for Slipway and for all programs that it starts. */
  readonly env: Readonly<Record<string, string>>;
  /** Variables for Slipway alone; programs that it starts do not get them. */
  readonly own: Readonly<Record<string, string>>;
}

/** Returns the host with a job's workspace and variables. Programs do not get the action's inputs, because some are secrets. */
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

/** Returns variables that configure git, after those that exist: `safe.directory` for a folder that another user owns. */
export function trustFolder(env: Host["env"], folder: string): Record<string, string> {
  const count = Number(env["GIT_CONFIG_COUNT"] ?? "0") || 0;
  return {
    GIT_CONFIG_COUNT: String(count + 1),
    [`GIT_CONFIG_KEY_${count}`]: "safe.directory",
    [`GIT_CONFIG_VALUE_${count}`]: folder,
  };
}

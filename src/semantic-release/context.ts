import type { Writable } from "node:stream";
import { z } from "zod";
import { SlipwayError } from "../errors.ts";
import type { Emit } from "../event.ts";
import type { Host, Output } from "../host.ts";
import type { CacheSetting } from "../model/service.ts";
import { makeNodeHost } from "../node-host.ts";
import { parseCacheSetting } from "../cache/cache-setting.ts";
import { openWorkspace, type Workspace } from "../core/workspace/workspace.ts";
import { makeReporter } from "../report/reporter.ts";

/** The fields of semantic-release's context that the plugin reads. Source: semantic-release 24, docs/developer-guide/plugin.md. */
export interface PluginContext {
  readonly cwd: string;
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly stdout: Writable;
  readonly stderr: Writable;
  readonly logger: PluginLogger;
  readonly options: {
    readonly dryRun?: boolean;
    readonly tagFormat?: string;
    /** Names, or pairs of a name and its settings. */
    readonly plugins?: readonly unknown[];
  };
  readonly branch: {
    readonly name: string;
    readonly type?: string;
    readonly channel?: string | null;
  };
}

/** semantic-release's logger: format strings as `util.format` takes them. */
export interface PluginLogger {
  log(format: string, ...values: unknown[]): void;
  warn(format: string, ...values: unknown[]): void;
  error(format: string, ...values: unknown[]): void;
}

/** The context once there is a version. */
export interface ReleaseContext extends PluginContext {
  readonly nextRelease: {
    readonly version: string;
    readonly gitTag: string;
    readonly channel?: string | null;
  };
}

/** The plugin's settings in semantic-release's configuration. */
export interface PluginConfig {
  /** The release group; needed where there are several. */
  readonly group: string | undefined;
  /** The configuration file. Default: `slipway.yaml`, where there is one. */
  readonly config: string | undefined;
  readonly builder: string | undefined;
  readonly parallel: number | undefined;
  readonly cache: CacheSetting | undefined;
}

/** semantic-release mixes its own settings with the plugin's, so unknown keys are ignored. */
const written = z.object({
  group: z.string().optional(),
  config: z.string().optional(),
  builder: z.string().optional(),
  parallel: z.int().positive().optional(),
  cache: z.string().optional(),
});

/** Parses the plugin's settings. Throws `configuration` with every fault. */
export function parsePluginConfig(value: unknown): PluginConfig {
  const read = written.safeParse(value);
  if (!read.success) {
    const faults = read.error.issues.map(({ path, message }) => `"${path.join(".")}": ${message}`);
    throw new SlipwayError(
      "semantic-release-invalid",
      `reading the settings of slipway/semantic-release: ${faults.join("; ")}`,
      {
        hint: "it takes group, config, builder, cache (text) and parallel (a number)",
      },
    );
  }
  const { group, config, builder, parallel, cache } = read.data;
  return { group, config, builder, parallel, cache: cache === undefined ? undefined : parseCacheSetting(cache) };
}

/** The host of one run of semantic-release: its environment, folder and streams, none of this process's. */
export function makePluginHost({ env, cwd, stdout, stderr }: PluginContext): Host {
  return { ...makeNodeHost({ env, cwd }), stdout: makeOutput(stdout), stderr: makeOutput(stderr) };
}

function makeOutput(stream: Writable): Output {
  return { write: (text) => void stream.write(text), isTTY: false, columns: 120, rows: 24 };
}

/** Runs one step with the repository open. Events go to semantic-release's stderr, a line each. */
export async function withWorkspace<T>(
  context: PluginContext,
  config: PluginConfig,
  run: (workspace: Workspace) => Promise<T>,
): Promise<T> {
  const host = makePluginHost(context);
  const reporter = makeReporter(host, { mode: "plain", verbose: false, color: false });
  const emit: Emit = (event) => reporter.emit(event);
  try {
    return await run(await openWorkspace(host, { repo: context.cwd, config: config.config }, emit));
  } finally {
    reporter.close();
  }
}

import { type ChildProcess, execFileSync, spawn } from "node:child_process";
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { bundleAction } from "../../scripts/bundle-action.ts";
import { environment, sandbox } from "./rig.ts";

/** A job with the setup step and one script. */
export interface ScriptJob {
  readonly exitCode: number | null;
  readonly stdout: string;
  readonly stderr: string;
  /** Log of the setup step and of its end. */
  readonly log: string;
  readonly summary: string;
}

export interface ScriptJobOptions {
  readonly inputs?: Readonly<Record<string, string>>;
  readonly env?: Readonly<Record<string, string>>;
  /** No setup step. */
  readonly isPlain?: boolean;
  /** Called with what the script wrote to standard error so far, and its process. */
  readonly onStderr?: (text: string, script: ChildProcess) => void;
}

/** A machine with the sandbox's Docker, on which jobs run scripts in one folder. */
export interface ScriptMachine {
  /** The files that the scripts build. */
  readonly folder: string;
  /** Before every image name: `127.0.0.1:PORT/NAME`. In scripts it is `$PREFIX`. */
  readonly prefix: string;
  /** Docker's configuration, as it is between jobs. */
  readonly dockerConfig: string;
  write(files: Readonly<Record<string, string>>): void;
  job(script: string, options?: ScriptJobOptions): Promise<ScriptJob>;
  /** The engine has none of the images any more, and no build cache: as on another machine. */
  forget(): void;
  close(): void;
}

let count = 0;

/** Makes a machine. `plugins`: further plugins of Docker's command, by name. */
export async function makeScriptMachine(plugins: Readonly<Record<string, string>> = {}): Promise<ScriptMachine> {
  const base = mkdtempSync(join(tmpdir(), "slipway-scripts-"));
  count += 1;
  const prefix = `${sandbox().registry}/scripts${process.pid}x${count}`;
  const bundle = join(base, "action/dist/action");
  await bundleAction(bundle);
  const folder = join(base, "repository");
  const dockerConfig = join(base, "home/.docker");
  mkdirSync(folder);
  mkdirSync(join(dockerConfig, "cli-plugins"), { recursive: true });
  const given = sandbox().env["DOCKER_CONFIG"] ?? "";
  const all = { "docker-buildx": join(given, "cli-plugins/docker-buildx"), ...plugins };
  for (const [name, path] of Object.entries(all)) symlinkSync(path, join(dockerConfig, "cli-plugins", name));
  const { DOCKER_CONFIG: _ours, ...own } = environment();
  const env = { ...own, HOME: join(base, "home"), PREFIX: prefix };
  const docker = (...args: string[]): string => execFileSync("docker", args, { env, encoding: "utf8", stdio: "pipe" });
  let jobs = 0;
  return {
    folder,
    prefix,
    dockerConfig,
    write: (files) => {
      for (const [path, text] of Object.entries(files)) {
        mkdirSync(dirname(join(folder, path)), { recursive: true });
        writeFileSync(join(folder, path), text);
      }
    },
    job: (script, options = {}) => {
      jobs += 1;
      return runJob({ bundle, folder, place: join(base, `job-${jobs}`), env }, script, options);
    },
    forget: () => {
      const ids = docker("images", "--quiet", "--no-trunc", "--filter", `reference=${prefix}/*`).split("\n");
      const there = [...new Set(ids)].filter((id) => id !== "");
      if (there.length > 0) docker("image", "rm", "--force", ...there);
      docker("builder", "prune", "--all", "--force");
    },
    close: () => rmSync(base, { recursive: true, force: true }),
  };
}

interface Place {
  readonly bundle: string;
  readonly folder: string;
  readonly place: string;
  readonly env: Readonly<Record<string, string>>;
}

async function runJob(
  { bundle, folder, place, env }: Place,
  script: string,
  options: ScriptJobOptions,
): Promise<ScriptJob> {
  const at = (name: string): string => join(place, name);
  mkdirSync(at("temp"), { recursive: true });
  for (const name of ["env", "state", "output", "summary"]) writeFileSync(at(name), "");
  writeFileSync(at("event.json"), JSON.stringify({ repository: { default_branch: "main" } }));
  const inputs = Object.entries(options.inputs ?? {}).map(([name, value]) => [`INPUT_${name.toUpperCase()}`, value]);
  const job = {
    ...env,
    ...options.env,
    GITHUB_ACTIONS: "true",
    GITHUB_EVENT_NAME: "push",
    GITHUB_EVENT_PATH: at("event.json"),
    GITHUB_REF: "refs/heads/main",
    GITHUB_REPOSITORY: "acme/shop",
    GITHUB_RUN_ID: "504",
    GITHUB_ENV: at("env"),
    GITHUB_STATE: at("state"),
    GITHUB_OUTPUT: at("output"),
    GITHUB_STEP_SUMMARY: at("summary"),
    RUNNER_TEMP: at("temp"),
  };
  const step = (name: string, more: object): Promise<Finished> =>
    run([process.execPath, join(bundle, "setup", name)], folder, { ...job, ...more });
  const setup = options.isPlain === true ? undefined : await step("main.js", Object.fromEntries(inputs));
  const ran = await run(["/bin/sh", "-ec", script], folder, { ...job, ...readValues(at("env")) }, options.onStderr);
  const state = Object.entries(readValues(at("state"))).map(([name, value]) => [`STATE_${name}`, value]);
  const post = options.isPlain === true ? undefined : await step("post.js", Object.fromEntries(state));
  // Digests of files stay for the job's other builds; the runner empties the folder.
  const left = readdirSync(at("temp")).filter((entry) => entry !== "slipway-digests");
  if (left.length > 0) throw new Error(`the job left ${left.join(", ")}`);
  const parts = [setup, post].flatMap((each) => (each === undefined ? [] : [each.stdout, each.stderr]));
  return { ...ran, log: parts.join(""), summary: readFileSync(at("summary"), "utf8") };
}

type Finished = Pick<ScriptJob, "exitCode" | "stdout" | "stderr">;

function run(
  [program = "", ...args]: readonly string[],
  cwd: string,
  env: Readonly<Record<string, string>>,
  onStderr?: ScriptJobOptions["onStderr"],
): Promise<Finished> {
  const child = spawn(program, args, { cwd, env, stdio: ["ignore", "pipe", "pipe"] });
  let stdout = "";
  let stderr = "";
  child.stdout.setEncoding("utf8").on("data", (text: string) => (stdout += text));
  child.stderr.setEncoding("utf8").on("data", (text: string) => {
    stderr += text;
    onStderr?.(stderr, child);
  });
  return new Promise((done, fail) => {
    child.on("error", fail);
    child.on("close", (exitCode) => done({ exitCode, stdout, stderr }));
  });
}

/** A runner's file of `name<<delimiter`, lines, delimiter. */
function readValues(file: string): Record<string, string> {
  const text = existsSync(file) ? readFileSync(file, "utf8") : "";
  const found = text.matchAll(/^([\w-]+)<<(\S+)\n([\s\S]*?)\n?\2$/gm);
  return Object.fromEntries([...found].map(([, name = "", , value = ""]) => [name, value]));
}

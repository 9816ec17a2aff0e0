import { cpus, release, totalmem, type } from "node:os";
import { run } from "../sandbox/processes.ts";

/** What was measured on, and with. */
export interface Machine {
  readonly processors: number;
  readonly model: string;
  readonly memoryGigabytes: number;
  readonly system: string;
  readonly node: string;
  readonly versions: Readonly<Record<string, string>>;
  /** The project's commit; with `+changes` when the working tree had some. */
  readonly commit: string;
}

/** `env`: how the tools are reached. What is not there is left out. */
export async function readMachine(env: Readonly<Record<string, string>>, root: string): Promise<Machine> {
  const ask = async (program: string, ...args: string[]): Promise<string> => {
    const { exitCode, stdout } = await run(program, args, { env: { ...process.env, ...env }, cwd: root });
    return exitCode === 0 ? stdout.trim() : "";
  };
  const found = {
    "Docker Engine": await ask("docker", "version", "--format", "{{.Server.Version}}"),
    buildx: (await ask("docker", "buildx", "version")).split(" ")[1] ?? "",
    "docker-registry": (await ask("docker-registry", "--version")).split(" ").at(-1) ?? "",
    git: (await ask("git", "--version")).split(" ")[2] ?? "",
  };
  const [commit, changes] = [
    await ask("git", "rev-parse", "--short", "HEAD"),
    await ask("git", "status", "--porcelain"),
  ];
  return {
    processors: cpus().length,
    model: cpus()[0]?.model ?? "",
    memoryGigabytes: Math.round(totalmem() / 1e9),
    system: `${type()} ${release()}`,
    node: process.version,
    versions: Object.fromEntries(Object.entries(found).filter(([, version]) => version !== "")),
    commit: changes === "" ? commit : `${commit}+changes`,
  };
}

export function renderMachine(machine: Machine): string {
  const { processors, model, memoryGigabytes, system, node, versions, commit } = machine;
  const tools = Object.entries(versions).map(([name, version]) => `${name} ${version}`);
  return `${processors} processors (${model}), ${memoryGigabytes} GB, ${system}; Node ${node}, ${tools.join(", ")}; Slipway ${commit}.`;
}

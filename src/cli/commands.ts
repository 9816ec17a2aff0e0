import { type Command, InvalidArgumentError, Option } from "commander";
import type { Host } from "../host.ts";
import { parseVersionSource, versionFileNames, type VersionSource } from "../model/version-source.ts";
import { addCacheCommands } from "./cache-commands.ts";
import { everyCommand, pathOf } from "./command-tree.ts";
import { renderExamples } from "./examples.ts";
import type {
  BuildOptions,
  InputsOptions,
  PlanOptions,
  ReleaseOptions,
  ReplayOptions,
  RollbackOptions,
  StatusOptions,
} from "./run.ts";
import type { InitCommandOptions } from "./run-init.ts";
import type { CommonOptions } from "./session.ts";

/**
 * Every command, in the order of the help. What a command runs is loaded when it runs, so that `--help` stays quick.
 */
export function addCommands(program: Command, host: Host, exit: (code: number) => void): void {
  const load = () => import("./run.ts");

  program
    .command("init")
    .description("Write the GitHub workflow that plans, builds and releases; adopt the one that is there")
    .option("-y, --yes", "write without asking")
    .option("--dry-run", "show a diff; write nothing")
    .addOption(
      new Option("--jobs <layout>", "a job a changed service, or all in one (default: by their number)").choices([
        "matrix",
        "single",
      ]),
    )
    .option("--shadow", "beside the old workflow: plan and build, move no tag")
    .option("--guides", "also docs/DOCKER_*.md and a README section, with numbers measured here")
    .option("--semantic-release", "let semantic-release make versions: its configuration, and a job")
    .option("--force", "leave out what cannot be carried over from a hand-made workflow")
    .option("--runner <[platform=]labels...>", "labels of self-hosted runners; `light=` for jobs without Docker")
    .option("--max-jobs <n>", "how many build jobs may run at once", positiveInteger)
    .option("--action <owner/repo@ref>", "the action to use (default: Slipway's own, by commit)")
    .addHelpText(
      "after",
      `
Run again, it changes only what the repository changed; what you changed by hand
is shown before it is written over.`,
    )
    .action(async (options: InitCommandOptions) => exit(await (await import("./run-init.ts")).runInit(host, options)));

  program
    .command("services")
    .description("Show what is released from this repository, where it was found, and what was left out")
    .action(async (options: CommonOptions) => exit(await (await load()).runServices(host, options)));

  program
    .command("plan")
    .alias("why")
    .argument("[service...]", "only these and what they need; with one, what changed since its published image")
    .description("Show what would be built or reused, and why")
    .addOption(forceOption("plan"))
    .action(async (names: string[], options: PlanOptions) => exit(await (await load()).runPlan(host, names, options)));

  program
    .command("inputs")
    .argument("<service>", "whose inputs")
    .description("List every input that decides a service's image")
    .option("--platform <platform>", "such as linux/arm64 (default: the service's first)")
    .option("--offline", "do not look up base images; there is no fingerprint then")
    .action(async (name: string, options: InputsOptions) => exit(await (await load()).runInputs(host, name, options)));

  const build = program
    .command("build")
    .argument("[service...]", "only these and what they need")
    .description("Build what changed, in parallel, and push it by digest; no visible tag moves");
  addBuildOptions(build).action(async (names: string[], options: BuildOptions) =>
    exit(await (await load()).runBuild(host, names, options)),
  );

  const release = program
    .command("release")
    .argument("[version]", "such as 1.2.0; without one, the branch's tags are released")
    .description("Build what changed, commit the release in one step, then move the tags and write the notes")
    .addOption(
      new Option("--version-from <source>", "tag, file, commits, or a file such as package.json").argParser(
        versionSource,
      ),
    )
    .option("--only <service...>", "release these; the rest keeps what the last release had")
    .addOption(groupOption())
    .option("--branch <name>", "the branch that is released (default: the one that is checked out)")
    .option("--notes-file <file>", "write the release notes there (-: to stdout)")
    .option("--dry-run", "show what would be built and which tags would move; do nothing")
    .option("--allow-dirty", "release with changes in the working tree that are not committed")
    .option(
      "--no-github-release",
      "write no GitHub release (default: a version's, where GH_TOKEN or GITHUB_TOKEN is set)",
    );
  addBuildOptions(release)
    .addHelpText(
      "after",
      `
Nothing visible moves before everything is built. After an interruption the same
command, or any later release, finishes what was begun.`,
    )
    .action(async (version: string | undefined, options: ReleaseOptions) =>
      exit(await (await load()).runRelease(host, version, options)),
    );

  program
    .command("status")
    .description("Show releases, where each moving tag is and should be, and what is unfinished")
    .option("--limit <n>", "how many releases to show", positiveInteger, 10)
    .action(async (options: StatusOptions) => exit(await (await load()).runStatus(host, options)));

  program
    .command("rollback")
    .argument("<release>", "a version, a branch's commit, or a record that `slipway status` shows")
    .description("Move the moving tags back to a release, by a record, without a build")
    .addOption(groupOption())
    .option("--dry-run", "show which tags would move; do nothing")
    .addOption(eventsOption())
    .addHelpText(
      "after",
      `
It holds until something newer is released. Rolling back to the newest release
undoes it.`,
    )
    .action(async (release: string, options: RollbackOptions) =>
      exit(await (await load()).runRollback(host, release, options)),
    );

  program
    .command("abandon")
    .argument("<release>", "a version, a branch's commit, or a record that `slipway status` shows")
    .description("Put aside a release that is spoilt or cannot be finished, by a record; nothing is deleted")
    .addOption(groupOption())
    .option("--dry-run", "show which tags would move; do nothing")
    .addOption(eventsOption())
    .addHelpText(
      "after",
      `
Its moving tags go to where they belong without it; its version tags stay where
they are, and its version is not released again.`,
    )
    .action(async (release: string, options: RollbackOptions) =>
      exit(await (await load()).runAbandon(host, release, options)),
    );

  program
    .command("replay")
    .description("Show what the last commits' builds would have been: built, reused, needless")
    .option("--commits <n>", "how many commits to look at", positiveInteger, 200)
    .option("--build-seconds <seconds>", "how long a service's build takes, to estimate what is saved", duration)
    .action(async (options: ReplayOptions) => exit(await (await load()).runReplay(host, options)));

  addCacheCommands(program, host, exit);

  for (const command of everyCommand(program)) command.addHelpText("after", () => renderExamples(pathOf(command)));
}

function addBuildOptions(command: Command): Command {
  return command
    .addOption(forceOption("build"))
    .addOption(
      new Option("--parallel <n>", "how many builds at once (default: what suits the machine)").argParser(
        positiveInteger,
      ),
    )
    .option("--cache <tiers>", "auto, none, or a list of gha,registry,latest,inline (default: as configured)")
    .option("--builder <name>", "the buildx builder (default: the selected one)")
    .addOption(eventsOption());
}

function forceOption(verb: "plan" | "build"): Option {
  return new Option(
    "--force [service...]",
    verb === "plan" ? "as if these, or all, had changed" : "build these, or all, though nothing changed",
  );
}

function groupOption(): Option {
  return new Option("--group <name>", "the release group (default: the only one, or `default`)");
}

function eventsOption(): Option {
  return new Option("--events <file>", "write every event there, one JSON object a line");
}

function positiveInteger(text: string): number {
  const number = Number(text);
  if (!Number.isInteger(number) || number < 1) throw new InvalidArgumentError("It takes a whole number above 0.");
  return number;
}

function versionSource(text: string): VersionSource {
  const source = parseVersionSource(text);
  if (source !== undefined) return source;
  throw new InvalidArgumentError(`It takes tag, file, commits, or a path of ${versionFileNames.join(", ")}.`);
}

function duration(text: string): number {
  const seconds = Number(text);
  if (text.trim() === "" || !(seconds >= 0) || seconds === Infinity) {
    throw new InvalidArgumentError("It takes a number of seconds, such as 90.");
  }
  return seconds;
}

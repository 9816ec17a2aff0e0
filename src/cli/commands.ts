import { type Command, InvalidArgumentError, Option } from "commander";
import type { Host } from "../host.ts";
import type {
  BuildOptions,
  InputsOptions,
  PlanOptions,
  ReleaseOptions,
  ReplayOptions,
  RollbackOptions,
  StatusOptions,
} from "./run.ts";
import type { CommonOptions } from "./session.ts";

/**
 * Every command, in the order of the help. What a command runs is loaded when it runs, so that `--help` stays quick.
 */
export function addCommands(program: Command, host: Host, exit: (code: number) => void): void {
  const load = () => import("./run.ts");

  program
    .command("services")
    .description("What was found in the repository, where, and what was left out and why")
    .action(async (options: CommonOptions) => exit(await (await load()).runServices(host, options)));

  program
    .command("plan")
    .alias("why")
    .argument("[service...]", "only these (and what they need); with one: what changed since its published image")
    .description("What would be built or reused, and why")
    .option("--force [service...]", "as if these (or all) had changed")
    .addHelpText(
      "after",
      `
Examples:
  $ slipway plan                a line a service
  $ slipway plan api            the files, instructions, args and bases that changed since api was published
  $ slipway plan --json | jq '.steps[] | select(.kind == "build") | .service'`,
    )
    .action(async (names: string[], options: PlanOptions) => exit(await (await load()).runPlan(host, names, options)));

  program
    .command("inputs")
    .argument("<service>")
    .description("Every input that decides a service's image")
    .option("--platform <platform>", "default: the service's first")
    .option("--offline", "do not look up base images; there is no fingerprint then")
    .action(async (name: string, options: InputsOptions) => exit(await (await load()).runInputs(host, name, options)));

  program
    .command("build")
    .argument("[service...]", "only these, and what they need")
    .description("Build what changed, in parallel, and push it by digest; no visible tag moves")
    .option("--force [service...]", "build these (or all) though nothing changed")
    .addOption(parallelOption())
    .addOption(cacheOption())
    .option("--builder <name>", "the buildx builder (default: the selected one)")
    .option("--events <file>", "write every event there, one JSON object a line")
    .action(async (names: string[], options: BuildOptions) =>
      exit(await (await load()).runBuild(host, names, options)),
    );

  program
    .command("release")
    .argument("[version]", "such as 1.2.0; without one, the branch's tags are released")
    .description("Plan, build, commit the release in one step, then move the tags and write the notes")
    .option("--only <service...>", "release these; the rest keeps what the last release had")
    .option("--group <name>", "the release group (default: the only one, or `default`)")
    .option("--branch <name>", "the branch that is released (default: the one that is checked out)")
    .option("--notes-file <file>", "write the release notes there (`-`: to stdout)")
    .option("--dry-run", "show what would be built and which tags would move; do nothing")
    .option("--allow-dirty", "release though the working tree has changes that are not committed")
    .option("--force [service...]", "build these (or all) though nothing changed")
    .addOption(parallelOption())
    .addOption(cacheOption())
    .option("--builder <name>", "the buildx builder (default: the selected one)")
    .option("--events <file>", "write every event there, one JSON object a line")
    .addHelpText(
      "after",
      `
Run again after an interruption, it finishes what was begun. Nothing visible moves before everything is built.

Examples:
  $ slipway release 1.2.0 --notes-file notes.md
  $ slipway release 1.2.1 --only api      a hot-fix of one service
  $ slipway release                       main, sha-1a2b3c4`,
    )
    .action(async (release: string | undefined, options: ReleaseOptions) =>
      exit(await (await load()).runRelease(host, release, options)),
    );

  program
    .command("status")
    .description("Releases, where each moving tag is and should be, and what is unfinished")
    .option("--limit <n>", "how many releases to show", positiveInteger, 10)
    .action(async (options: StatusOptions) => exit(await (await load()).runStatus(host, options)));

  program
    .command("rollback")
    .argument("<release>", "a version, or a branch's commit")
    .description("Send the moving tags back to a release, by a record, without a build")
    .option("--group <name>", "the release group (default: the only one, or `default`)")
    .option("--dry-run", "show which tags would move; do nothing")
    .option("--events <file>", "write every event there, one JSON object a line")
    .action(async (release: string, options: RollbackOptions) =>
      exit(await (await load()).runRollback(host, release, options)),
    );

  program
    .command("replay")
    .description("What the last commits' builds would have been: built, reused, needless")
    .option("--commits <n>", "how many commits to look at", positiveInteger, 200)
    .option("--build-seconds <seconds>", "how long a service's build takes, to estimate what would be saved", Number)
    .action(async (options: ReplayOptions) => exit(await (await load()).runReplay(host, options)));
}

function parallelOption(): Option {
  return new Option("--parallel <n>", "how many builds at once (default: what suits the machine)").argParser(
    positiveInteger,
  );
}

function cacheOption(): Option {
  return new Option(
    "--cache <tiers>",
    "auto, none, or a list of gha, registry, latest, inline (default: as configured)",
  );
}

function positiveInteger(text: string): number {
  const number = Number(text);
  if (!Number.isInteger(number) || number < 1) throw new InvalidArgumentError(`"${text}" is no whole number above 0.`);
  return number;
}

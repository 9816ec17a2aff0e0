import { Command, CommanderError, Option } from "commander";
import { exitCodeOf } from "../errors.ts";
import type { Host } from "../host.ts";
import type { CommonOptions } from "./session.ts";
import { addCommands } from "./commands.ts";
import { version } from "./version.ts";

/** Runs one command line (without the program's name) and gives its exit code; the codes are in `docs/reference/cli.md`. */
export async function runCli(host: Host, argv: readonly string[]): Promise<number> {
  let exitCode = 0;
  const program = makeProgram(host, (code) => {
    exitCode = code;
  });
  try {
    await program.parseAsync([...argv], { from: "user" });
    return exitCode;
  } catch (error) {
    if (error instanceof CommanderError) return error.exitCode === 0 ? 0 : 2;
    const { printError } = await import("./session.ts");
    await printError(host, error, commonOptionsIn(argv));
    return exitCodeOf(error);
  }
}

function makeProgram(host: Host, exit: (code: number) => void): Command {
  const program = new Command("slipway")
    .description("Releases the container images of a multi-service repository: builds only what changed.")
    .version(version)
    .helpCommand(true)
    .showHelpAfterError("(run with --help to see what it takes)")
    .configureOutput({
      writeOut: (text) => host.stdout.write(text),
      writeErr: (text) => host.stderr.write(text),
      getOutHelpWidth: () => Math.min(host.stdout.columns, 110),
      getErrHelpWidth: () => Math.min(host.stderr.columns, 110),
      getOutHasColors: () => false,
      getErrHasColors: () => false,
    })
    .exitOverride()
    .addHelpText(
      "after",
      `
Examples:
  $ slipway services            what is released from this repository
  $ slipway plan                what would be built or reused, and why
  $ slipway release 1.2.0       build what changed, commit the release, move the tags
  $ slipway status              what is released, and where each tag is

Exit codes: 0 done, 1 a service failed, 2 usage or configuration, 3 refused, 4 credentials, 5 try again later,
130 interrupted. Documentation: README.md and docs/ of the repository.`,
    );
  addCommands(program, host, exit);
  for (const command of program.commands) addCommonOptions(command);
  return program;
}

function addCommonOptions(command: Command): void {
  command
    .exitOverride()
    .optionsGroup("Common options:")
    .option("--repo <dir>", "the repository (default: the one this folder is in)")
    .option("--config <file>", "the configuration file (default: slipway.yaml where there is one)")
    .option("--json", "one JSON document on stdout; everything else on stderr")
    .option("-q, --quiet", "only the result and errors")
    .option("-v, --verbose", "also the output of the builds, and where errors come from")
    .addOption(new Option("--no-color", "no colours (also: NO_COLOR)"));
}

/** For errors that come before a command's options were read. */
function commonOptionsIn(argv: readonly string[]): CommonOptions {
  return {
    json: argv.includes("--json"),
    verbose: argv.includes("--verbose") || argv.includes("-v"),
    color: !argv.includes("--no-color"),
  };
}

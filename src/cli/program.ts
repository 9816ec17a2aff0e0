import { Command, CommanderError, Option } from "commander";
import { commands } from "../commands/all.ts";
import { exitCodeOf, SlipwayError } from "../errors.ts";
import { terminalText } from "../formats/terminal-text.ts";
import type { Host } from "../host.ts";
import { closestName } from "../model/closest.ts";
import type { GlobalFlags } from "./session.ts";
import { addCommands, renderExamples } from "./commands.ts";
import { everyCommand, leafCommands, pathOf } from "./command-tree.ts";
import { explainUsage } from "./usage.ts";
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
    // Help and the version were printed; help that nobody asked for stands in for a command that is missing.
    if (error instanceof CommanderError) return error.exitCode === 0 ? 0 : 2;
    const { printError } = await import("./session.ts");
    printError(host, error, commonOptionsIn(argv));
    return exitCodeOf(error);
  }
}

/** The whole command line. `exit` is told the exit code of a command that ran. */
export function makeProgram(host: Host, exit: (code: number) => void): Command {
  const program = new Command("slipway")
    .description("Releases the container images of a multi-service repository: builds only what changed.")
    .version(version, "-V, --version", "show the version")
    .usage("<command> [options]")
    // What follows the words of a command that hands them on is not this program's.
    .enablePositionalOptions()
    .configureOutput({
      writeOut: (text) => host.stdout.write(terminalText(text)),
      writeErr: (text) => host.stderr.write(terminalText(text)),
      // Errors are told in one place, with a hint and as the terminal likes them.
      outputError: () => undefined,
      getOutHelpWidth: () => Math.min(host.stdout.columns, 110),
      getErrHelpWidth: () => Math.min(host.stderr.columns, 110),
      getOutHasColors: () => false,
      getErrHasColors: () => false,
    })
    .configureHelp({ subcommandTerm })
    .addHelpText(
      "after",
      () => `${renderExamples("slipway")}

\`slipway <command> --help\` says what a command takes, with examples.
Exit codes: 0 done, 1 a service failed, 2 usage or configuration, 3 refused,
4 credentials, 5 try again later, 130 interrupted.`,
    );
  addCommands(program, host, exit);
  for (const command of leafCommands(program)) {
    if (command.name() === "docker") command.helpOption("-h, --help", "show this help");
    else addCommonOptions(command);
  }
  for (const command of everyCommand(program)) {
    if (command.commands.length > 0) command.helpCommand(false).helpOption("-h, --help", "show this help");
  }
  addHelpCommand(program);
  for (const command of [program, ...everyCommand(program)]) {
    command.exitOverride((error) => {
      throw explainUsage(program, command, error);
    });
  }
  return program;
}

const dialogues = new Set(commands.flatMap((spec) => ("loadDialogue" in spec ? [spec.name] : [])));

function addCommonOptions(command: Command): void {
  command.optionsGroup("Common options:").option("--repo <dir>", "the repository (default: the one this folder is in)");
  // A dialogue is for a repository of one's own: `init` reads the slipway.yaml that it writes, `publishers` reads none.
  if (!dialogues.has(command.name())) {
    command
      .option("--config <file>", "the configuration file (default: slipway.yaml, where there is one)")
      .option("--untrusted", "give what is checked out nothing of this machine (always so for pull requests in CI)")
      .option("--trunk <revision>", "with --untrusted: the revision whose slipway.yaml counts (default: none)");
  }
  command
    .option("--json", "one JSON document on stdout; everything else on stderr")
    .option("-q, --quiet", "only the result and errors")
    .option("-v, --verbose", "also the output of the builds, and where errors come from")
    .addOption(new Option("--no-color", "no colours (also: NO_COLOR)"))
    .helpOption("-h, --help", "show this help");
}

/** A command in the list of commands: that it takes options, and by what else it goes, is in its own help. */
function subcommandTerm(command: Command): string {
  const words = command.registeredArguments.map((argument) => {
    const name = `${argument.name()}${argument.variadic ? "..." : ""}`;
    return argument.required ? `<${name}>` : `[${name}]`;
  });
  return [command.name(), ...words].join(" ");
}

/** In place of commander's own, which answers an unknown name with the general help. */
function addHelpCommand(program: Command): void {
  program.helpCommand(false);
  program.helpOption("-h, --help", "show this help");
  const command = new Command("help")
    .copyInheritedSettings(program)
    .argument("[command...]", "a command's name")
    .description("Show what a command takes")
    .helpOption("-h, --help", "show this help")
    .action((words: readonly string[]) => {
      const name = words.join(" ");
      if (name === "") return program.help();
      const found = everyCommand(program).find((each) => pathOf(each) === name || each.aliases().includes(name));
      if (found !== undefined) return found.help();
      const names = everyCommand(program).map(pathOf);
      const closest = closestName(name, names);
      throw new SlipwayError("no-such-command", `there is no command "${name}"`, {
        hint: closest === undefined ? `the commands are: ${names.join(", ")}` : `did you mean "${closest}"?`,
      });
    });
  program.addCommand(command);
}

/** For errors that come before a command's options were read. */
function commonOptionsIn(argv: readonly string[]): GlobalFlags {
  return {
    json: argv.includes("--json"),
    verbose: argv.includes("--verbose") || argv.includes("-v"),
    color: !argv.includes("--no-color"),
  };
}

import { largest } from "../model/lists.ts";
import { type Command, InvalidArgumentError, Option } from "commander";
import { commandGroups, commands, examplesOf } from "../commands/all.ts";
import type { CommandFlag } from "../commands/flag.ts";
import { type AnyCommandSpec, type CommandHelp, withDefaults } from "../commands/spec.ts";
import type { Host } from "../host.ts";
import { everyCommand, pathOf } from "./command-tree.ts";

/**
 * Every command, in the order of the help. What a command runs is loaded when it runs, so that `--help` stays quick.
 */
export function addCommands(program: Command, host: Host, exit: (code: number) => void): void {
  for (const spec of commands) {
    const command = addCommand(program, spec);
    command.action(async () => {
      const { runCommand } = await import("./run.ts");
      const options = withDefaults<object>(spec, { ...argumentsOf(spec, command), ...command.opts() });
      if ("loadPassThrough" in spec) {
        const body = await spec.loadPassThrough();
        return exit(await body.passThrough(host, command.args, options));
      }
      exit(await runCommand(host, spec, options));
    });
  }
  for (const command of everyCommand(program)) command.addHelpText("after", () => renderExamples(pathOf(command)));
}

function addCommand(program: Command, spec: AnyCommandSpec): Command {
  const words = spec.name.split(" ");
  const command = words.reduce(
    (parent, word, at) => (at === words.length - 1 ? parent.command(word) : findGroup(parent, word)),
    program,
  );
  command.description(spec.summary);
  if (spec.alias !== undefined) command.alias(spec.alias);
  for (const { written, summary } of Object.values(spec.arguments)) command.argument(written, summary);
  for (const flag of Object.values(spec.flags)) command.addOption(makeOption(flag));
  if (spec.hasEvents === true) command.option("--events <file>", "write every event there, one JSON object a line");
  if ("loadPassThrough" in spec)
    command.usage(spec.usage).allowUnknownOption().allowExcessArguments().passThroughOptions();
  if (spec.explanation !== undefined) command.addHelpText("after", spec.explanation);
  return command;
}

function findGroup(parent: Command, word: string): Command {
  const found = parent.commands.find((each) => each.name() === word);
  return found ?? parent.command(word).description(commandGroups[word]?.summary ?? word);
}

function makeOption({ written, summary, initial, choices, parse, takes }: CommandFlag<unknown>): Option {
  const option = new Option(written, summary);
  if (typeof initial === "number") option.default(initial);
  if (choices !== undefined) option.choices(choices);
  if (parse !== undefined) {
    option.argParser((text) => {
      const value = parse(text);
      if (value === undefined) throw new InvalidArgumentError(`It takes ${takes ?? "another value"}.`);
      return value;
    });
  }
  return option;
}

/** The words that follow a command, by the names of its arguments. */
function argumentsOf({ arguments: known }: CommandHelp, { processedArgs }: Command): Readonly<Record<string, unknown>> {
  return Object.fromEntries(Object.keys(known).map((name, at) => [name, processedArgs[at] as unknown]));
}

/** As the help shows them, with what each is for in one column. */
export function renderExamples(command: string): string {
  const shown = examplesOf(command);
  const width = largest(shown.map(({ run }) => run.length));
  return ["\nExamples:", ...shown.map((each) => `  $ ${each.run.padEnd(width)}  ${each.for}`)].join("\n");
}

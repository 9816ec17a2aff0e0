import type { Command } from "commander";

/** Every command that does something, in the order of the help; one that only groups others is left out. */
export function leafCommands(program: Command): Command[] {
  return program.commands.flatMap((command) => (command.commands.length === 0 ? [command] : leafCommands(command)));
}

/** Every command, those that group others too. */
export function everyCommand(program: Command): Command[] {
  return program.commands.flatMap((command) => [command, ...everyCommand(command)]);
}

/** As it is written after the program's name: `plan`, `cache list`; the program's own name for the program. */
export function pathOf(command: Command): string {
  const { parent } = command;
  if (parent === null) return command.name();
  return parent.parent === null ? command.name() : `${pathOf(parent)} ${command.name()}`;
}

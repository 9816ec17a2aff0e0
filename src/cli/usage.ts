import type { Command, CommanderError } from "commander";
import { SlipwayError } from "../errors.ts";
import { pathOf } from "./command-tree.ts";

/** What commander has to say, as an error of ours with a hint; help and version come through as they are. */
export function explainUsage(program: Command, command: Command, error: CommanderError): Error {
  if (error.exitCode === 0 || error.code === "commander.help") return error;
  const [message = "", ...more] = error.message
    .replace(/^error: /, "")
    .replace(/\.$/, "")
    .split("\n");
  const suggestion = /^\(Did you mean (.+)\?\)$/.exec(more.join(" "))?.[1];
  return new SlipwayError("usage", message.replaceAll(/'([^']*)'/g, '"$1"'), {
    hint: hintFor(program, command, message, suggestion),
    cause: error.cause,
  });
}

function hintFor(program: Command, command: Command, message: string, suggestion: string | undefined): string {
  const help = command === program ? "`slipway --help`" : `\`slipway ${pathOf(command)} --help\``;
  const lists = command === program ? `${help} lists the commands` : `${help} says what it takes`;
  if (suggestion !== undefined) return `did you mean ${suggestion}? ${lists}`;
  const option = /^unknown option '(-[^']*)'/.exec(message)?.[1];
  const first = program.commands[0];
  const isCommon = first?.options.some(({ short, long }) => option === short || option === long) ?? false;
  if (command === program && option !== undefined && isCommon) {
    return `options come after the command, such as \`slipway plan ${option}\``;
  }
  if (message.startsWith("missing required argument")) return `usage: slipway ${pathOf(command)} ${command.usage()}`;
  return lists;
}

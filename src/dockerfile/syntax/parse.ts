import { configurationError, type Diagnostic } from "../../errors.ts";
import { parseReference } from "../../model/reference.ts";
import { checkKeyword, InstructionError, parseArgPairs, parseCommand, parseFrom } from "./commands.ts";
import type { Command, Dockerfile, GlobalArg, Stage } from "./dockerfile.ts";
import { type InstructionText, readLines, readSyntax } from "./lines.ts";

const maximumLength = 8_388_608;

/**
 * Parses a Dockerfile as BuildKit's frontend does. `file`: its name in messages.
 * @throws SlipwayError `configuration`, with every fault found.
 */
export function parseDockerfile(text: string, file: string): Dockerfile {
  if (text.length > maximumLength) {
    throw configurationError([
      { file, line: 1, column: 1, message: "the Dockerfile has more than 8,388,608 characters" },
    ]);
  }
  const syntax = readSyntax(text);
  if (isForeignFrontend(syntax)) {
    const layout = { lastLines: new Map(), innerComments: new Set<number>(), directives: new Set<number>() };
    return { file, syntax, isForeign: true, escape: "\\", globalArgs: [], stages: [], layout };
  }
  const faults: Diagnostic[] = [];
  const { escape, instructions, layout } = readLines(text, file, faults);
  const parsed = new StageParser(file, escape, faults).parse(instructions);
  if (faults.length > 0) throw configurationError(faults);
  return { file, syntax, isForeign: false, escape, ...parsed, layout };
}

/**
 * Parses one `ONBUILD` trigger of an image's config or of a stage.
 * @throws SlipwayError `configuration`
 */
export function parseTriggerCommand(trigger: string, file: string, line: number, column: number): Command {
  const faults: Diagnostic[] = [];
  const { escape, instructions } = readLines(trigger, file, faults);
  const [instruction] = instructions;
  if (instruction === undefined || instructions.length !== 1) {
    faults.push({ file, line, column, message: `ONBUILD "${trigger}" must be one instruction` });
    throw configurationError(faults);
  }
  try {
    checkKeyword(instruction.keyword);
    const command = parseCommand(instruction, escape);
    if (faults.length === 0) return { ...command, line, column };
  } catch (error) {
    if (!(error instanceof InstructionError)) throw error;
    faults.push({ file, line, column, message: `ONBUILD "${trigger}": ${error.message}` });
  }
  throw configurationError(faults.map((fault) => ({ ...fault, line, column })));
}

/** Whether a frontend is not Docker's Dockerfile frontend, in whatever registry a copy of it is. */
export function isForeignFrontend(reference: string | undefined): boolean {
  if (reference === undefined) return false;
  const name = parseReference(reference)?.name;
  return name === undefined || !/\/dockerfile(?:-upstream|-frontend)?$/.test(name);
}

class StageParser {
  private readonly file: string;
  private readonly escape: string;
  private readonly faults: Diagnostic[];
  private readonly globalArgs: GlobalArg[] = [];
  private readonly stages: (Stage & { readonly commands: Command[] })[] = [];
  private hasFrom = false;

  constructor(file: string, escape: string, faults: Diagnostic[]) {
    this.file = file;
    this.escape = escape;
    this.faults = faults;
  }

  parse(instructions: readonly InstructionText[]): { globalArgs: readonly GlobalArg[]; stages: readonly Stage[] } {
    for (const instruction of instructions) {
      try {
        this.add(instruction);
      } catch (error) {
        if (!(error instanceof InstructionError)) throw error;
        const { line, column } = instruction;
        this.faults.push({ file: this.file, line, column, message: error.message });
      }
    }
    if (!this.hasFrom && this.faults.length === 0) {
      this.faults.push({
        file: this.file,
        line: 1,
        column: 1,
        message: 'there is no "FROM": a Dockerfile needs a stage',
      });
    }
    return { globalArgs: this.globalArgs, stages: this.stages };
  }

  private add(instruction: InstructionText): void {
    const { line, column } = instruction;
    const keyword = instruction.keyword.toUpperCase();
    checkKeyword(instruction.keyword);
    if (keyword === "FROM") {
      this.hasFrom = true;
      this.stages.push({ index: this.stages.length, ...parseFrom(instruction), line, column, commands: [] });
      return;
    }
    if (keyword === "ARG" && !this.hasFrom) {
      for (const pair of parseArgPairs(instruction.args, this.escape)) this.globalArgs.push({ ...pair, line, column });
      return;
    }
    const command = parseCommand(instruction, this.escape);
    if (!this.hasFrom) throw new InstructionError(`${keyword} stands before the first FROM; only ARG may`);
    this.stages.at(-1)?.commands.push(command);
  }
}

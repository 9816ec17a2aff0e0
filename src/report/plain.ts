import { largest } from "../model/lists.ts";
import type { Event, SolveId } from "../event.ts";
import { renderDuration } from "../model/units.ts";
import { applyEvent, type Board } from "./board.ts";
import { heartbeats, plainOutput, platformPrefix, type PlainOutput } from "./plain-lines.ts";
import type { Style } from "./style.ts";
import { displayWidth, padEnd, padStart } from "./text.ts";

/** A solve without output for this long gets a line, so that neither a person nor CI takes it for dead. */
const heartbeatMilliseconds = 30_000;
const timeWidth = "12 min 05 s".length;
const widestName = 24;

/** Writes a line a change. */
export interface PlainView {
  event(event: Event, now: number): void;
  /** Writes a line for each solve that has been silent for long. Call it about once a second. */
  beat(now: number): void;
}

/** A view that writes each change as a line with the time since its start. `now`: milliseconds of the board's clock. */
export function makePlainView(
  board: Board,
  style: Style,
  options: { readonly verbose: boolean; readonly write: (text: string) => void },
): PlainView {
  const { verbose, write } = options;
  const lastLineAt = new Map<string, number>();

  const writeLine = (now: number, text: string, service: string | undefined): void => {
    const time = style.dim(padStart(renderDuration((now - board.startedAt) / 1000), timeWidth));
    const width = Math.min(widestName, largest([...board.services.keys()].map(displayWidth)));
    const name = service === undefined ? "" : `${padEnd(style.bold(service), width)}  `;
    write(`${time}  ${name}${text}\n`);
  };
  const print = (output: PlainOutput, now: number): void => {
    switch (output.kind) {
      case "line":
        return writeLine(now, output.text, output.service);
      case "solve":
        lastLineAt.set(keyOf(output.solve), now);
        return writeLine(now, `${platformPrefix(board, output.solve)}${output.text}`, output.solve.service);
      case "block":
        if (output.lines.length > 0) write(`${output.lines.join("\n")}\n`);
    }
  };
  return {
    event: (event, now) => {
      applyEvent(board, event, now);
      for (const output of plainOutput({ board, style, verbose }, event)) print(output, now);
    },
    beat: (now) => {
      const lastLine = (solve: SolveId): number | undefined => lastLineAt.get(keyOf(solve));
      for (const output of heartbeats(board, now, heartbeatMilliseconds, lastLine)) print(output, now);
    },
  };
}

function keyOf({ service, platform }: SolveId): string {
  return `${service} ${platform}`;
}

import type { Event, SolveId } from "../event.ts";
import type { Step } from "../model/plan.ts";
import { explainStep } from "../plan/explain.ts";
import { renderCount, renderDuration } from "../model/units.ts";
import { applyEvent, type Board, runningVertex } from "./board.ts";
import { explainGitHubRelease } from "./github-release.ts";
import type { Style } from "./style.ts";
import { renderFailure, renderSummary } from "./summary.ts";
import { displayWidth, padEnd, padStart, shortDigest } from "./text.ts";
import { shortenVertex } from "./vertex.ts";

/** A solve that said nothing for this long is mentioned, so that nobody (and no CI) takes it for dead. */
const heartbeatMilliseconds = 30_000;
const timeWidth = "12 min 05 s".length;

/** Writes a line a change. */
export interface PlainView {
  event(event: Event, now: number): void;
  /** To be called now and then: mentions what has been silent for long. */
  beat(now: number): void;
}

export function makePlainView(
  board: Board,
  style: Style,
  options: { readonly verbose: boolean; readonly write: (text: string) => void },
): PlainView {
  const { verbose } = options;
  const toldAt = new Map<string, number>();

  const say = (now: number, text: string, service = ""): void => {
    const time = style.dim(padStart(renderDuration((now - board.startedAt) / 1000), timeWidth));
    const names = [...board.services.keys()].map(displayWidth);
    const width = Math.min(24, Math.max(0, ...names));
    const prefix = service === "" ? "" : `${padEnd(style.bold(service), width)}  `;
    options.write(`${time}  ${prefix}${text}\n`);
  };
  const block = (lines: readonly string[]): void => {
    if (lines.length > 0) options.write(`${lines.join("\n")}\n`);
  };
  const solve = (id: SolveId, now: number, text: string): void => {
    toldAt.set(`${id.service} ${id.platform}`, now);
    say(now, `${platformPrefix(board, id)}${text}`, id.service);
  };

  const tell = (event: Event, now: number): void => {
    switch (event.kind) {
      case "phase":
        // What is over in a moment, and what a command's result says by itself, is told on request only.
        if (verbose || (event.phase !== "discover" && event.phase !== "plan")) say(now, phaseWords[event.phase]);
        // Only now: a command that plans and builds nothing shows the plan as its result.
        if (event.phase === "build") tellPlan(now);
        return;
      case "warning":
        return say(now, `${style.yellow("warning:")} ${event.message}`, event.service);
      case "planned":
        return verbose ? say(now, `${countSteps(event)} (${renderDuration(event.seconds)})`) : undefined;
      case "decided":
        return say(now, `${stepWord[event.step.kind]}: ${explainStep(event.step)}`, event.step.service);
      case "solve-started":
        return solve(event, now, "building");
      case "vertex":
        return tellVertex(event, now);
      case "log":
        if (verbose) solve(event, now, `| ${event.line}`.trimEnd());
        return;
      case "cache": {
        const { tier, direction, state, because } = event.use;
        if (!verbose && state !== "failed") return;
        const fault = state === "failed" ? `${style.yellow("warning:")} ` : "";
        return solve(
          event,
          now,
          `${fault}cache ${tier}, ${direction}: ${state}${because === undefined ? "" : `: ${because}`}`,
        );
      }
      case "solve-ended": {
        const total = event.cachedVertices + event.ranVertices;
        return solve(event, now, `solved in ${renderDuration(event.seconds)}, ${event.cachedVertices}/${total} cached`);
      }
      case "service-ended":
        return tellOutcome(event, now);
      case "committed":
        return say(
          now,
          `committed ${event.release} ${event.digest}${event.already ? ", which was there already" : ""}`,
        );
      case "tag":
        return tellTag(event, now);
      case "github-release":
        return say(now, explainGitHubRelease(event));
      case "waiting":
        return say(now, `waiting ${renderDuration(event.seconds)}: ${event.message}`);
      case "summary":
        return block(["", ...renderSummary(board, style)]);
    }
  };

  const tellPlan = (now: number): void => {
    for (const { step } of board.services.values()) {
      if (step !== undefined) say(now, `${stepWord[step.kind]}: ${explainStep(step)}`, step.service);
    }
  };

  const tellVertex = (event: Extract<Event, { kind: "vertex" }>, now: number): void => {
    const name = shortenVertex(event.name);
    if (name === undefined) return;
    if (!verbose) return;
    if (event.state === "failed") return solve(event, now, `${style.red("failed:")} ${name}`);
    const took = event.state === "done" ? `, ${renderDuration(event.seconds)}` : "";
    solve(event, now, `${event.state}: ${name}${took}`);
  };

  const tellOutcome = (event: Extract<Event, { kind: "service-ended" }>, now: number): void => {
    const { outcome, service } = event;
    switch (outcome.kind) {
      case "reused":
        return say(now, `reused ${outcome.digest}`, service);
      case "built": {
        const kept = outcome.kept ? ", same content as published" : "";
        return say(
          now,
          `${style.green("built")} ${outcome.digest ?? "(not published)"} in ${renderDuration(outcome.seconds)}${kept}`,
          service,
        );
      }
      case "cancelled":
        return say(now, `${style.yellow("cancelled:")} ${outcome.because}`, service);
      case "failed": {
        const entry = board.services.get(service);
        if (entry !== undefined) block(renderFailure(entry, style));
        return;
      }
    }
  };

  const tellTag = (event: Extract<Event, { kind: "tag" }>, now: number): void => {
    const because = event.because === undefined ? "" : `: ${event.because}`;
    const word =
      event.state === "failed" ? style.red(event.state) : event.state === "already" ? "already there" : event.state;
    const from = event.from === null || event.state !== "moved" ? "" : `${shortDigest(event.from)} -> `;
    if (event.state === "already" && !verbose) return;
    say(now, `${event.image}:${event.tag} ${word} ${from}${shortDigest(event.to)}${because}`);
  };

  return {
    event: (event, now) => {
      applyEvent(board, event, now);
      tell(event, now);
    },
    beat: (now) => {
      for (const entry of board.services.values()) {
        if (entry.outcome !== undefined) continue;
        for (const each of entry.solves.values()) {
          const id = `${entry.service} ${each.platform}`;
          if (each.ended || now - (toldAt.get(id) ?? each.startedAt) < heartbeatMilliseconds) continue;
          toldAt.set(id, now);
          const doing = runningVertex(each) ?? "no instruction runs";
          const prefix = entry.solves.size > 1 ? `${each.platform} ` : "";
          say(
            now,
            `${prefix}still building after ${renderDuration((now - each.startedAt) / 1000)}: ${doing}`,
            entry.service,
          );
        }
      }
    },
  };
}

const phaseWords = {
  discover: "reading the repository",
  plan: "planning",
  build: "building",
  commit: "committing the release",
  promote: "moving tags",
  notes: "writing the release notes",
} as const;

const stepWord = { build: "build", reuse: "reuse", pending: "wait", "not-planned": "not planned" } as const;

function platformPrefix(board: Board, { service, platform }: SolveId): string {
  const entry = board.services.get(service);
  const several = (entry?.solves.size ?? 0) > 1 || (entry?.step?.platforms.length ?? 0) > 1;
  return several ? `${platform} ` : "";
}

function countSteps({ plan }: Extract<Event, { kind: "planned" }>): string {
  const count = (kind: Step["kind"]): number => plan.steps.filter((step) => step.kind === kind).length;
  const parts = [
    [count("build"), "to build"],
    [count("reuse"), "to reuse"],
    [count("pending"), "to be decided"],
    [count("not-planned"), "not planned"],
  ] as const;
  const shown = parts.filter(([number]) => number > 0).map(([number, words]) => `${number} ${words}`);
  return `${renderCount(plan.steps.length, "service")}: ${shown.length === 0 ? "nothing to do" : shown.join(", ")}`;
}

import type { Event, SolveId } from "../event.ts";
import type { Step } from "../model/plan.ts";
import { renderCount, renderDuration } from "../model/units.ts";
import { explainStep } from "../plan/explain.ts";
import { type Board, runningVertex } from "./board.ts";
import { explainGitHubRelease } from "./github-release.ts";
import type { Style } from "./style.ts";
import { renderFailure, renderSummary } from "./summary.ts";
import { shortDigest } from "./text.ts";
import { shortenVertex } from "./vertex.ts";

/** What one event adds to a plain log. */
export type PlainOutput =
  /** One line, behind the time and, where it concerns a service, the service's name. */
  | { readonly kind: "line"; readonly text: string; readonly service: string | undefined }
  /** One line of one solve. */
  | { readonly kind: "solve"; readonly text: string; readonly solve: SolveId }
  /** Lines of their own, without a time. */
  | { readonly kind: "block"; readonly lines: readonly string[] };

/** What the lines are made from, beside the event: the state after it. */
export interface PlainContext {
  readonly board: Board;
  readonly style: Style;
  readonly verbose: boolean;
}

type EventOf<Kind extends Event["kind"]> = Extract<Event, { readonly kind: Kind }>;

/** What an event adds to a plain log; empty: nothing. `verbose` adds vertices, logs and cache uses. */
export function plainOutput(context: PlainContext, event: Event): readonly PlainOutput[] {
  const { board, style, verbose } = context;
  switch (event.kind) {
    case "phase":
      return phaseLines(context, event);
    case "warning":
      return [line(`${style.yellow("warning:")} ${event.message}`, event.service)];
    case "notice":
      return [line(event.message)];
    case "planned":
      return verbose ? [line(`${countSteps(event)} (${renderDuration(event.seconds)})`)] : [];
    case "decided":
      return [stepLine(event.step)];
    case "solve-started":
      return [solveLine(event, "building")];
    case "vertex":
      return verbose ? vertexLines(context, event) : [];
    case "log":
      return verbose ? [solveLine(event, `| ${event.line}`.trimEnd())] : [];
    case "cache":
      return cacheLines(context, event);
    case "solve-ended":
      return [solveLine(event, solvedText(event))];
    case "service-ended":
      return outcomeLines(context, event);
    case "committed":
      return [line(`committed ${event.release} ${event.digest}${event.already ? ", which was there already" : ""}`)];
    case "tag":
      return event.state === "already" && !verbose ? [] : [line(tagText(style, event))];
    case "github-release":
      return [line(explainGitHubRelease(event))];
    case "waiting":
      return [line(`waiting ${renderDuration(event.seconds)}: ${event.message}`)];
    case "summary":
      return [{ kind: "block", lines: ["", ...renderSummary(board, style)] }];
  }
}

/** The platform before a solve's line, where its service is built for several. */
export function platformPrefix({ services }: Board, { service, platform }: SolveId): string {
  const entry = services.get(service);
  return (entry?.step?.platforms.length ?? 0) > 1 || (entry?.solves.size ?? 0) > 1 ? `${platform} ` : "";
}

/** A line for each solve that runs and whose last line is older than `silence`, in milliseconds. */
export function heartbeats(
  board: Board,
  now: number,
  silence: number,
  lastLineAt: (solve: SolveId) => number | undefined,
): readonly Extract<PlainOutput, { kind: "solve" }>[] {
  const running = [...board.services.values()].filter(({ outcome }) => outcome === undefined);
  return running.flatMap(({ service, solves }) =>
    [...solves.values()].flatMap((entry) => {
      const solve = { service, platform: entry.platform };
      if (entry.ended || now - (lastLineAt(solve) ?? entry.startedAt) < silence) return [];
      const doing = runningVertex(entry) ?? "no instruction runs";
      return [solveLine(solve, `still building after ${renderDuration((now - entry.startedAt) / 1000)}: ${doing}`)];
    }),
  );
}

function line(text: string, service?: string): PlainOutput {
  return { kind: "line", text, service };
}

function solveLine({ service, platform }: SolveId, text: string): Extract<PlainOutput, { kind: "solve" }> {
  return { kind: "solve", text, solve: { service, platform } };
}

const phaseWords = {
  discover: "reading the repository",
  plan: "planning",
  build: "building",
  commit: "committing the release",
  promote: "moving tags",
  notes: "writing the release notes",
} as const;

function phaseLines({ board, verbose }: PlainContext, { phase }: EventOf<"phase">): PlainOutput[] {
  // Discovering and planning are over in a moment, and the command's result shows what they found.
  const isShown = verbose || (phase !== "discover" && phase !== "plan");
  // The plan is shown when building begins: a command that only plans shows it as its result.
  const steps = phase === "build" ? [...board.services.values()].flatMap(({ step }) => step ?? []) : [];
  return [...(isShown ? [line(phaseWords[phase])] : []), ...steps.map(stepLine)];
}

const stepWord = { build: "build", reuse: "reuse", pending: "wait", "not-planned": "not planned" } as const;

function stepLine(step: Step): PlainOutput {
  return line(`${stepWord[step.kind]}: ${explainStep(step)}`, step.service);
}

function vertexLines({ style }: PlainContext, event: EventOf<"vertex">): PlainOutput[] {
  const name = shortenVertex(event.name);
  if (name === undefined) return [];
  if (event.state === "failed") return [solveLine(event, `${style.red("failed:")} ${name}`)];
  const took = event.state === "done" ? `, ${renderDuration(event.seconds)}` : "";
  return [solveLine(event, `${event.state}: ${name}${took}`)];
}

function cacheLines({ style, verbose }: PlainContext, event: EventOf<"cache">): PlainOutput[] {
  const { tier, direction, state, because } = event.use;
  if (!verbose && state !== "failed") return [];
  const warning = state === "failed" ? `${style.yellow("warning:")} ` : "";
  const why = because === undefined ? "" : `: ${because}`;
  return [solveLine(event, `${warning}cache ${tier}, ${direction}: ${state}${why}`)];
}

function solvedText({ seconds, cachedVertices, ranVertices }: EventOf<"solve-ended">): string {
  return `solved in ${renderDuration(seconds)}, ${cachedVertices}/${cachedVertices + ranVertices} cached`;
}

function outcomeLines({ board, style }: PlainContext, { outcome, service }: EventOf<"service-ended">): PlainOutput[] {
  switch (outcome.kind) {
    case "reused":
      return [line(`reused ${outcome.digest}`, service)];
    case "built": {
      const kept = outcome.kept ? ", same content as published" : "";
      const what = `${style.green("built")} ${outcome.digest ?? "(not published)"}`;
      return [line(`${what} in ${renderDuration(outcome.seconds)}${kept}`, service)];
    }
    case "cancelled":
      return [line(`${style.yellow("cancelled:")} ${outcome.because}`, service)];
    case "failed": {
      const entry = board.services.get(service);
      return entry === undefined ? [] : [{ kind: "block", lines: renderFailure(entry, style) }];
    }
  }
}

function tagText(style: Style, { image, tag, state, from, to, because }: EventOf<"tag">): string {
  const word = state === "failed" ? style.red(state) : state === "already" ? "already there" : state;
  const before = from === null || state !== "moved" ? "" : `${shortDigest(from)} -> `;
  return `${image}:${tag} ${word} ${before}${shortDigest(to)}${because === undefined ? "" : `: ${because}`}`;
}

function countSteps({ plan }: EventOf<"planned">): string {
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

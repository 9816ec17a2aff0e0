import { SlipwayError } from "../errors.ts";
import { terminalText } from "../formats/terminal-text.ts";
import type { Host } from "../host.ts";
import type { InitDocument } from "../model/documents.ts";
import { planInit } from "../pipeline/init-command.ts";
import { renderInit } from "../report/render-init.ts";
import { plainResult } from "../report/plain-values.ts";
import { makeStyle } from "../report/style.ts";
import { chooseColor } from "../report/reporter.ts";
import { chooseUnicode } from "../report/mode.ts";
import { type CommonOptions, withSession } from "./session.ts";
import { version } from "./version.ts";

export interface InitCommandOptions extends CommonOptions {
  readonly yes?: boolean;
  readonly dryRun?: boolean;
  readonly jobs?: "matrix" | "single";
  readonly shadow?: boolean;
  readonly force?: boolean;
  readonly action?: string;
  readonly runner?: string[];
  readonly maxJobs?: number;
  readonly guides?: boolean;
  readonly semanticRelease?: boolean;
}

/** Shows what was found and what will be written, asks, writes. */
export function runInit(host: Host, options: InitCommandOptions): Promise<number> {
  return withSession(host, options, async ({ print }) => {
    const { document, write } = await planInit(host, {
      repo: options.repo,
      jobs: options.jobs,
      shadow: options.shadow ?? false,
      force: options.force ?? false,
      action: options.action,
      runners: parseRunners(options.runner ?? []),
      maxJobs: options.maxJobs,
      guides: options.guides ?? false,
      semanticRelease: options.semanticRelease ?? false,
      slipwayVersion: version,
    });
    const tell = (state: InitDocument["state"], more: string): number => {
      print(
        { ...document, state },
        document,
        (shown, style) => `${renderInit(shown, style, { diff: options.dryRun ?? false })}\n\n${more}`,
      );
      return 0;
    };
    if (document.state === "same") return tell("same", "Everything is there already.");
    if (options.dryRun === true) return tell("dry-run", "Nothing was written (--dry-run).");
    if (options.yes !== true) {
      if (!host.input.isTTY || !host.stderr.isTTY || options.json === true) throw nobodyToAsk();
      const style = makeStyle(chooseColor(host, host.stderr, options.color ?? true), {
        columns: host.stderr.columns,
        unicode: chooseUnicode(host),
      });
      const shown = renderInit(plainResult(document), style, { diff: false });
      host.stderr.write(terminalText(`${shown}\n\nWrite these files? [y/N] `));
      const answer = (await host.input.readLine()) ?? "";
      if (!/^y(?:es)?$/i.test(answer.trim())) {
        print({ ...document, state: "declined" }, null, () => "Nothing was written.");
        return 0;
      }
      await write();
      print({ ...document, state: "written" }, null, () => nextStep(options.shadow ?? false));
      return 0;
    }
    await write();
    return tell("written", nextStep(options.shadow ?? false));
  });
}

function nobodyToAsk(): SlipwayError {
  return new SlipwayError("usage", "init asks before it writes, and there is no terminal to ask on", {
    hint: "say --yes to write, or --dry-run to see a diff",
  });
}

function nextStep(shadow: boolean): string {
  return shadow
    ? "Written. Commit it: it plans and builds beside the old workflow, and moves no tag."
    : "Written. Commit it in one commit: `git revert` of that commit is the way back.";
}

/** `linux/arm64=self-hosted,arm`; without a platform the labels are for all. */
function parseRunners(written: readonly string[]): Record<string, readonly string[]> {
  return Object.fromEntries(
    written.map((each) => {
      const equals = each.indexOf("=");
      const labels = each.slice(equals + 1).split(",");
      if (labels.some((label) => label.trim() === "")) {
        throw new SlipwayError("usage", `--runner "${each}" has no labels`, {
          hint: "such as --runner linux/arm64=self-hosted,linux,ARM64",
        });
      }
      return [equals < 0 ? "*" : each.slice(0, equals), labels.map((label) => label.trim())];
    }),
  );
}

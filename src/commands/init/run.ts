import { SlipwayError } from "../../errors.ts";
import { terminalText } from "../../formats/terminal-text.ts";
import type { InitDocument } from "../../model/init-document.ts";
import { planInit } from "../../core/init/init-command.ts";
import { chooseUnicode } from "../../report/mode.ts";
import { plainResult } from "../../report/plain-values.ts";
import { renderInit } from "../../report/render-init.ts";
import { chooseColor } from "../../report/reporter.ts";
import { makeStyle } from "../../report/style.ts";
import type { Dialogue } from "../spec.ts";
import type { InitOptions } from "./spec.ts";

/** Shows the services found and the files to write, asks, and writes. */
export async function converse(dialogue: Dialogue, options: InitOptions): Promise<void> {
  const { host, print, repo, version } = dialogue;
  const { document, difference, write } = await planInit(host, {
    ...options,
    repo,
    runners: parseRunners(options.runner),
    slipwayVersion: version,
  });
  const tell = (state: InitDocument["state"], more: string): void =>
    print(
      { ...document, state },
      document,
      (shown, style) => `${renderInit(shown, style, { diff: options.dryRun })}\n\n${more}`,
    );
  if (document.state === "same") return tell("same", "Everything is there already.");
  if (options.dryRun) return tell("dry-run", "Nothing was written (--dry-run).");
  const isAnswered = host.input.isTTY && host.stderr.isTTY && !dialogue.json && !options.yes;
  if (difference !== undefined && !isAnswered) throw difference;
  if (options.yes) {
    await write();
    return tell("written", nextStep(document, options.shadow));
  }
  if (!(await isAgreed(dialogue, document))) {
    return print({ ...document, state: "declined" }, null, () => "Nothing was written.");
  }
  await write();
  return print({ ...document, state: "written" }, null, () => nextStep(document, options.shadow));
}

/** Asks a person for consent. Throws `usage` if no person can answer. */
async function isAgreed({ host, json, color }: Dialogue, document: InitDocument): Promise<boolean> {
  if (!host.input.isTTY || !host.stderr.isTTY || json) throw nobodyToAsk();
  const style = makeStyle(chooseColor(host, host.stderr, color), {
    columns: host.stderr.columns,
    unicode: chooseUnicode(host),
  });
  const shown = renderInit(plainResult(document), style, { diff: false });
  host.stderr.write(terminalText(`${shown}\n\nWrite these files? [y/N] `));
  const answer = (await host.input.readLine()) ?? "";
  return /^y(?:es)?$/i.test(answer.trim());
}

function nobodyToAsk(): SlipwayError {
  return new SlipwayError("confirmation-needed", "init asks before it writes, and there is no terminal to ask on", {
    hint: "say --yes to write, or --dry-run to see a diff",
  });
}

function nextStep({ layout }: InitDocument, shadow: boolean): string {
  if (layout === null)
    return "Written. Commit it: `git revert` is the way back. With `env: { SLIPWAY_REUSE: report }` at the top of the workflow it builds all, and says what it would have reused.";
  return shadow
    ? "Written. Commit it: it plans and builds beside the old workflow, and moves no tag."
    : "Written. Commit it in one commit: `git revert` of that commit is the way back.";
}

/** Parses the labels of runners: `linux/arm64=self-hosted,arm`. Labels without a platform are for all platforms. */
function parseRunners(written: readonly string[]): Record<string, readonly string[]> {
  return Object.fromEntries(
    written.map((each) => {
      const equals = each.indexOf("=");
      const labels = each.slice(equals + 1).split(",");
      if (labels.some((label) => label.trim() === "")) {
        throw new SlipwayError("option-invalid", `--runner "${each}" has no labels`, {
          hint: "such as --runner linux/arm64=self-hosted,linux,ARM64",
        });
      }
      return [equals < 0 ? "*" : each.slice(0, equals), labels.map((label) => label.trim())];
    }),
  );
}

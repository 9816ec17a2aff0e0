import { type Command, InvalidArgumentError, Option } from "commander";
import type { Host } from "../host.ts";
import type { CacheListOptions, CachePruneOptions } from "./run-cache.ts";

/** `slipway cache …`: what is stored on GitHub and in registries, and what need not be. */
export function addCacheCommands(program: Command, host: Host, exit: (code: number) => void): void {
  const load = () => import("./run-cache.ts");
  const cache = program.command("cache").description("List and prune what builds stored on GitHub and in registries");

  addFilters(
    cache.command("list").description("List GitHub's cache and the registry's cache tags, by tier and service"),
  ).action(async (options: CacheListOptions) => exit(await (await load()).runCacheList(host, options)));

  addFilters(cache.command("prune").description("Show what need not be stored any more; with --yes, delete it"))
    .option("--unused <age>", "what nobody used for so long (default: 7d)")
    .option("--budget <size>", "the longest unused on GitHub, until the rest fits (default: 8GB)")
    .option("--closed-pull-requests", "what closed pull requests stored")
    .option("--gone-services", "what is of services and platforms that are gone")
    .option("--leftovers", "replaced indexes, layers without one, builds a day old")
    .option("-y, --yes", "delete")
    .option("--dry-run", "only show what would go (default, without --yes)")
    .addHelpText(
      "after",
      `
Without a rule (--unused, --budget, --closed-pull-requests, --gone-services,
--leftovers) all five apply. What was used in the last hour stays, and so does
the newest index of what is built, and all that is not Slipway's. The token
needs actions: write; \`slipway cache list\` needs actions: read.`,
    )
    .action(async (options: CachePruneOptions) => exit(await (await load()).runCachePrune(host, options)));
}

function addFilters(command: Command): Command {
  return command
    .option("--service <name>", "only of this service")
    .addOption(new Option("--tier <tier>", "only this tier").choices(["gha", "registry"]))
    .option("--pull-request <number>", "only what this pull request stored", pullRequest);
}

function pullRequest(text: string): number {
  const number = Number(text.replace(/^#/, ""));
  if (!Number.isInteger(number) || number < 1) throw new InvalidArgumentError("It takes a number, such as 12.");
  return number;
}

import { isAbsolute } from "node:path";
import { withoutCredentials } from "../../formats/address.ts";
import { parseGitAddress } from "../../invocation/git-address.ts";
import { contextFaults, folderContexts } from "../../invocation/invocation-service.ts";
import { type WantedPlaces, wantedOf } from "../../invocation/wanted-places.ts";
import type { BuildInvocation } from "../../model/build-invocation.ts";
import type { DropInBuildReason } from "../../model/observed-invocation.ts";
import { parsePlatform, type Platform } from "../../model/platform.ts";
import type { Builder } from "../../buildkit/builder.ts";
import { readBuilder } from "./read-builder.ts";
import { readGitContext } from "./read-git-context.ts";
import { type InvocationFiles, readPlaces } from "./read-places.ts";
import type { InvocationReading } from "./read-invocation.ts";
import type { DropInContext, DropInRequest } from "./request.ts";

/** An invocation that is ready to be read, or the reason why it is not read. */
export type Prepared =
  | { readonly kind: "ready"; readonly reading: InvocationReading }
  | { readonly kind: "not-ready"; readonly reason: DropInBuildReason };

/** Checks an invocation's arguments and its builder, then opens its files. */
export async function prepareDropIn(
  context: DropInContext,
  { options, links = {} }: DropInRequest,
  invocation: BuildInvocation,
): Promise<Prepared> {
  const obstacle = obstacleOf(invocation, options.reuse, links);
  if (obstacle !== undefined) return { kind: "not-ready", reason: obstacle };
  const builder = await readBuilder(context.host, invocation.builder);
  if (builder === undefined)
    return notReady({ kind: "not-planned", because: "buildx does not say which builder it uses" });
  const wanted = wantedOf(invocation, builder.driver);
  if (wanted.kind === "other") return notReady(wanted.reason);
  const platforms = platformsOf(invocation, builder);
  if (platforms === undefined)
    return notReady({ kind: "not-planned", because: "the platform that is built for is not known" });
  const files = await openFiles(context, invocation);
  const policy = `${files.places.dockerfile}.rego`;
  if (files.tree.kindOf(policy) !== undefined) {
    await files.close?.();
    return notReady(notUnderstood(policy, "Slipway does not know what a policy allows"));
  }
  const { names, push, load, isEngine }: WantedPlaces = wanted;
  return {
    kind: "ready",
    reading: {
      invocation,
      wanted: { names, push, load, isEngine },
      platforms,
      builder,
      files,
    },
  };
}

async function openFiles(context: DropInContext, invocation: BuildInvocation): Promise<InvocationFiles> {
  if (invocation.context.kind !== "address") return readPlaces(context, invocation);
  const address = parseGitAddress(invocation.context.url);
  if (address === undefined) throw new RangeError("the context is a git repository");
  return readGitContext(context, address, invocation);
}

function notReady(reason: DropInBuildReason): Prepared {
  return { kind: "not-ready", reason };
}

/** The reason not to plan an invocation that follows from its arguments alone; undefined: there is none. */
function obstacleOf(
  invocation: BuildInvocation,
  reuse: "on" | "report" | "off",
  links: Readonly<Record<string, string>>,
): DropInBuildReason | undefined {
  const { context, dockerfile, call } = invocation;
  if (reuse === "off") return { kind: "off" };
  if (call !== "build") return { kind: "call", call };
  const [unknown] = [...invocation.unknown, ...contextFaults(invocation, links)];
  if (unknown !== undefined) return { kind: "not-understood", ...unknown };
  if (context.kind === "stdin") return notUnderstood("-", "the context is on standard input");
  if (dockerfile === "-") return notUnderstood("--file -", "it is on standard input");
  return context.kind === "address" ? addressObstacle(invocation, context.url) : undefined;
}

function notUnderstood(written: string, because: string): DropInBuildReason {
  return { kind: "not-understood", written, because };
}

/** A git context is read at its commit, as BuildKit checks it out; nothing of this machine comes beside it. */
function addressObstacle(invocation: BuildInvocation, url: string): DropInBuildReason | undefined {
  const { args, dockerfile = "" } = invocation;
  const written = withoutCredentials(url);
  if (parseGitAddress(url) === undefined) return notUnderstood(written, "Slipway does not read this context");
  const [folder] = Object.keys(folderContexts(invocation));
  if (folder !== undefined) return notUnderstood(`--build-context ${folder}`, "it is a folder beside a git context");
  if (isAbsolute(dockerfile))
    return notUnderstood(`--file ${dockerfile}`, "it is a file of this machine beside a git context");
  const keepsGit = !/^(?:|0|f|false)$/i.test(args["BUILDKIT_CONTEXT_KEEP_GIT_DIR"] ?? "");
  return keepsGit ? notUnderstood("BUILDKIT_CONTEXT_KEEP_GIT_DIR", "the context has git's own folder") : undefined;
}

/** The platforms of an invocation; without any, the builder's own. Undefined: a platform is invalid, or the builder lists none. */
function platformsOf({ platforms }: BuildInvocation, builder: Builder): readonly [Platform, ...Platform[]] | undefined {
  if (platforms.length === 0) return builder.platforms[0] === undefined ? undefined : [builder.platforms[0]];
  const parsed = platforms.map((text) => parsePlatform(text));
  const known = parsed.filter((platform) => platform !== undefined);
  const [first, ...more] = [...new Set(known)];
  return first === undefined || known.length < parsed.length ? undefined : [first, ...more];
}

import type { Event, Outcome } from "../../event.ts";
import type { BuiltService } from "../../model/documents.ts";
import { errorCodeOf } from "../../model/error-kind.ts";
import type { InputFile } from "../../model/inputs.ts";
import type { RawManifest } from "../../model/oci.ts";
import type { Reason } from "../../model/plan.ts";
import type { Service } from "../../model/service.ts";
import { makeServiceIndex } from "../../images/service-index.ts";
import type { PlatformResult } from "./build-platform.ts";
import type { Workspace } from "../workspace/workspace.ts";

/** Outcome and images of one service. */
export interface ServiceResult {
  readonly service: Service;
  /** Files that the service's build reads; undefined: no build definition was read. */
  readonly files: readonly InputFile[] | undefined;
  readonly outcome: Outcome;
  /** Why it was built or reused; undefined: it was decided in another job, or not at all. */
  readonly reason: Reason | undefined;
  /** Results by platform; empty if the service failed or was cancelled. */
  readonly platforms: readonly PlatformResult[];
  /**
   * Index over the platforms. Its manifests are in the registry under the service's first name; the index itself may not be. Undefined:
   * there is no image, or the run publishes nothing and built at least one platform.
   */
  readonly index: RawManifest | undefined;
}

/** The image of a service over its platforms. */
export type ServiceImages = Pick<ServiceResult, "platforms" | "index">;

/** Whether the service has an image. */
export function hasImage({ outcome: { kind } }: ServiceResult): boolean {
  return kind === "reused" || kind === "built";
}

/** Images of a service that failed or was cancelled: none. */
export const noImages: ServiceImages = { platforms: [], index: undefined };

/** Joins platform results into one index; the index is undefined if a platform is not in the registry. */
export function assemble(platforms: readonly PlatformResult[]): ServiceImages {
  const children = platforms.flatMap(({ platform, published }) =>
    published === undefined ? [] : [{ platform, children: published.children }],
  );
  return { index: children.length < platforms.length ? undefined : makeServiceIndex(children), platforms };
}

/** A service's result in the form that the result documents use. */
export function describe({ service, outcome, index }: ServiceResult): BuiltService {
  return {
    service: service.name,
    outcome: outcome.kind,
    image: index === undefined ? null : `${service.images[0]}@${index.digest}`,
    kept: outcome.kind === "built" && outcome.kept,
    seconds: outcome.kind === "built" || outcome.kind === "failed" ? round(outcome.seconds) : null,
    because: outcome.kind === "failed" || outcome.kind === "cancelled" ? outcome.because : null,
    errorKind: outcome.kind === "failed" ? outcome.errorKind : null,
    code: outcome.kind === "failed" ? errorCodeOf(outcome.errorKind) : null,
    hint: outcome.kind === "failed" ? (outcome.hint ?? null) : null,
  };
}

/** Makes the summary event of a command: counts of outcomes, seconds, bytes, registry requests. */
export function summarize(workspace: Workspace, results: readonly ServiceResult[], started: number): Event {
  const count = (kind: Outcome["kind"]): number => results.filter(({ outcome }) => outcome.kind === kind).length;
  const built = results.flatMap(({ platforms }) => platforms).filter(({ solve }) => solve !== undefined);
  const { requests, bytesRead, bytesWritten } = workspace.registry.stats();
  return {
    kind: "summary",
    built: count("built"),
    reused: count("reused"),
    failed: count("failed"),
    cancelled: count("cancelled"),
    seconds: (workspace.host.monotonic() - started) / 1000,
    builtBytes: built.reduce((sum, { published }) => sum + (published?.size ?? 0), 0),
    requests,
    bytes: bytesRead + bytesWritten,
  };
}

function round(seconds: number): number {
  return Math.round(seconds * 1000) / 1000;
}

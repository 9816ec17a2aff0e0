import type { Event, Outcome } from "../../event.ts";
import type { BuiltService } from "../../model/documents.ts";
import type { InputFile } from "../../model/inputs.ts";
import type { RawManifest } from "../../model/oci.ts";
import type { Service } from "../../model/service.ts";
import { makeServiceIndex } from "../../images/service-index.ts";
import type { PlatformResult } from "./build-platform.ts";
import type { Workspace } from "../workspace/workspace.ts";

/** What came of one service. */
export interface ServiceResult {
  readonly service: Service;
  /** The files that its build reads; undefined where nothing read them. */
  readonly files: readonly InputFile[] | undefined;
  readonly outcome: Outcome;
  /** Empty where the service failed or was cancelled. */
  readonly platforms: readonly PlatformResult[];
  /**
   * The index over the platforms; what it lists is in the registry under the service's first name, it itself may not be. Undefined:
   * there is no image, or the run publishes nothing, and built some of it.
   */
  readonly index: RawManifest | undefined;
}

/** The image of a service over its platforms. */
export type ServiceImages = Pick<ServiceResult, "platforms" | "index">;

/** Whether there is an image of the service. */
export function hasImage({ outcome: { kind } }: ServiceResult): boolean {
  return kind === "reused" || kind === "built";
}

/** Of a service that failed or was cancelled. */
export const noImages: ServiceImages = { platforms: [], index: undefined };

/** An image over platforms, as far as it is in the registry. */
export function assemble(platforms: readonly PlatformResult[]): ServiceImages {
  const children = platforms.flatMap(({ platform, published }) =>
    published === undefined ? [] : [{ platform, children: published.children }],
  );
  return { index: children.length < platforms.length ? undefined : makeServiceIndex(children), platforms };
}

/** A service's result as documents have it. */
export function describe({ service, outcome, index }: ServiceResult): BuiltService {
  return {
    service: service.name,
    outcome: outcome.kind,
    image: index === undefined ? null : `${service.images[0]}@${index.digest}`,
    kept: outcome.kind === "built" && outcome.kept,
    seconds: outcome.kind === "built" || outcome.kind === "failed" ? round(outcome.seconds) : null,
    because: outcome.kind === "failed" || outcome.kind === "cancelled" ? outcome.because : null,
    code: outcome.kind === "failed" ? outcome.code : null,
    hint: outcome.kind === "failed" ? (outcome.hint ?? null) : null,
  };
}

/** What a command did, in numbers. */
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

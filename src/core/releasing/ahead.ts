import { isDeepStrictEqual } from "node:util";
import type { Digest } from "../../model/digest.ts";
import type { ReleaseManifest } from "../../model/release.ts";
import type { Service } from "../../model/service.ts";
import { isPrepared, type PreparedCommit, prepareCommit } from "../../records/commit.ts";
import type { StoredRelease } from "../../records/records.ts";
import type { OpenedUpload } from "../../registry/opened-upload.ts";
import { lookUpAhead } from "../planning/look-up-ahead.ts";
import { type FingerprintOf, makeObserver, type Observer } from "../planning/observer.ts";
import type { Workspace } from "../workspace/workspace.ts";
import type { GroupRelease } from "./group-release.ts";
import { makeNextManifest, asReused } from "./manifest.ts";
import type { ReleaseRequest } from "./release-request.ts";

/**
 * Requests that a release sends before their turn, so that several round trips become one. They change nothing visible, and none of their
 * answers decides anything: what was prepared is used if the release turns out to be exactly that. Closed when the release ends.
 */
export interface Ahead {
  readonly observer: Observer;
  /** Starts an upload for the record, and looks up the bases of these services. Called once the release is known to be permitted. */
  begin(services: readonly string[]): Promise<void>;
  /**
   * Prepares the commit of this release as soon as every fingerprint that planning reads is that of the release before: then it ships the
   * same images, if the registry still has them.
   */
  expectUnchanged(release: GroupRelease): void;
  /** What was prepared for this release, whenever it is made; undefined: nothing, or another release. */
  prepared(manifest: ReleaseManifest): Promise<PreparedCommit | undefined>;
  /** Upload for the first record of the command; undefined: none was started. */
  upload(): OpenedUpload | undefined;
  /** Waits for what was begun, and cancels the upload if no record used it. */
  close(): Promise<void>;
}

/** Makes it for one command, with the observer that it listens to; sends nothing yet. A dry run uploads nothing. */
export function makeAhead(workspace: Workspace, request: Pick<ReleaseRequest, "dryRun" | "force">): Ahead {
  return new ReleaseAhead(workspace, request);
}

class ReleaseAhead implements Ahead {
  readonly observer: Observer;
  readonly #workspace: Workspace;
  readonly #dryRun: boolean;
  readonly #isForced: boolean;
  /** Fingerprints that planning has read, by service and platform. */
  readonly #fingerprints = new Map<string, Digest>();
  #upload: OpenedUpload | undefined;
  #expected: { readonly release: GroupRelease; readonly previous: StoredRelease } | undefined;
  #prepared: PreparedCommit | undefined;

  constructor(workspace: Workspace, { dryRun, force }: Pick<ReleaseRequest, "dryRun" | "force">) {
    this.#workspace = workspace;
    this.#dryRun = dryRun;
    this.#isForced = force === true || force.length > 0;
    const onFingerprint = (of: FingerprintOf): void => {
      this.#fingerprints.set(keyOf(of), of.fingerprint);
      this.#prepareIfUnchanged();
    };
    this.observer = makeObserver(workspace, { force, readsLastRelease: true, onFingerprint });
  }

  async begin(services: readonly string[]): Promise<void> {
    const { registry, project } = this.#workspace;
    if (!this.#dryRun) this.#upload = registry.openUpload(project.releases);
    await lookUpAhead(this.observer, services);
  }

  expectUnchanged(release: GroupRelease): void {
    if (this.#dryRun || this.#isForced || release.existing !== undefined) return;
    const expect = (previous: StoredRelease | undefined): void => {
      if (previous !== undefined) this.#expected = { release, previous };
      this.#prepareIfUnchanged();
    };
    // A fault of the release before is reported by the commit.
    release.previous.then(expect, () => undefined);
  }

  async prepared(manifest: ReleaseManifest): Promise<PreparedCommit | undefined> {
    const prepared = this.#prepared;
    if (prepared === undefined) return undefined;
    const isSame = isDeepStrictEqual({ ...prepared.manifest, releasedAt: manifest.releasedAt }, manifest);
    return isSame && (await isPrepared(prepared)) ? prepared : undefined;
  }

  upload(): OpenedUpload | undefined {
    return this.#upload;
  }

  async close(): Promise<void> {
    if (this.#prepared !== undefined) await isPrepared(this.#prepared);
    await this.#upload?.close();
  }

  #prepareIfUnchanged(): void {
    if (this.#expected === undefined || this.#prepared !== undefined) return;
    const { release, previous } = this.#expected;
    const { project, registry } = this.#workspace;
    const services = project.services.filter(({ name }) => release.group.services.includes(name));
    if (!services.every((service) => this.#isUnchanged(service, previous))) return;
    const content = { images: asReused(previous.manifest.services), bases: this.observer.pins.bases() };
    const manifest = makeNextManifest(this.#workspace, release, previous, content);
    const { releases } = project;
    const seen = new Set(services.map(({ name }) => name));
    try {
      this.#prepared = prepareCommit(registry, {
        releases,
        manifest,
        seen,
        indexes: new Map(),
        upload: this.#upload,
      });
    } catch {
      // The commit of the same release throws the same fault.
    }
  }

  #isUnchanged({ name, images, platforms }: Service, { manifest }: StoredRelease): boolean {
    const released = manifest.services.find(({ service }) => service === name);
    if (released === undefined || !isDeepStrictEqual(released.images, images)) return false;
    const fingerprints = new Map(released.platforms.map(({ platform, fingerprint }) => [platform, fingerprint]));
    return platforms.every((platform) => {
      const fingerprint = this.#fingerprints.get(keyOf({ service: name, platform }));
      return fingerprint !== undefined && fingerprint === fingerprints.get(platform);
    });
  }
}

function keyOf({ service, platform }: Pick<FingerprintOf, "service" | "platform">): string {
  return `${service} ${platform}`;
}

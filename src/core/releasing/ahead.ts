import type { OpenedUpload } from "../../registry/opened-upload.ts";
import { lookUpAhead } from "../planning/look-up-ahead.ts";
import type { Observer } from "../planning/observer.ts";

/** Requests that a release sends before their turn, so that several round trips become one. Closed when the release ends. */
export interface Ahead {
  /** Starts an upload for the record, and looks up the bases of these services. Called once the release is known to be permitted. */
  begin(services: readonly string[]): Promise<void>;
  /** Upload for the first record of the command; undefined: none was started. */
  upload(): OpenedUpload | undefined;
  /** Cancels the upload if no record used it. */
  close(): Promise<void>;
}

/** Makes it for one command; sends nothing yet. A dry run starts no upload. */
export function makeAhead(observer: Observer, { dryRun }: { readonly dryRun: boolean }): Ahead {
  const { registry, project } = observer.workspace;
  let upload: OpenedUpload | undefined;
  return {
    begin: async (services) => {
      if (!dryRun) upload = registry.openUpload(project.releases);
      await lookUpAhead(observer, services);
    },
    upload: () => upload,
    close: async () => upload?.close(),
  };
}

import { isInterruption } from "../errors.ts";
import type { Upload } from "./upload.ts";
import type { Uploader } from "./uploader.ts";

/** An upload that was started before its content was known, to save a round trip. */
export interface OpenedUpload {
  /** Pushes the content. Starts another upload if the registry has dropped this one, or if it was used. */
  finish(content: Uint8Array): Promise<Upload>;
  /** Cancels the upload unless `finish` was called. Never throws: a registry drops a forgotten upload by itself. */
  close(): Promise<void>;
}

/** Starts an upload. `push`: pushes content as a new blob, into this session if there is one. */
export function openUpload(
  uploader: Pick<Uploader, "start" | "cancel">,
  push: (content: Uint8Array, session: URL | undefined) => Promise<Upload>,
): OpenedUpload {
  // A fault of the start is left to `finish`, which starts again.
  const starting = uploader.start().catch((error: unknown) => (isInterruption(error) ? error : undefined));
  let isUsed = false;
  return {
    finish: async (content) => {
      const opened = isUsed ? undefined : starting;
      isUsed = true;
      const session = await opened;
      if (isInterruption(session)) throw session;
      return push(content, session);
    },
    close: async () => {
      if (isUsed) return;
      isUsed = true;
      const session = await starting;
      if (session instanceof URL) await uploader.cancel(session).catch(() => undefined);
    },
  };
}

import type { ImageName } from "../model/reference.ts";
import { digestOf } from "../model/digest.ts";
import type { Transport } from "./transport.ts";
import { locationOf, makeUploader } from "./uploader.ts";

/**
 * Checks push permission: starts an upload and cancels it, because registries answer this request reliably. Throws what a push would throw.
 */
export async function checkPush(transport: Transport, name: ImageName, signal?: AbortSignal): Promise<void> {
  const reply = await transport.call({
    doing: `looking whether ${name} can be pushed to`,
    name,
    method: "POST",
    at: "blobs/uploads/",
    actions: ["pull", "push"],
    body: new Uint8Array(),
    accept: [202],
    signal,
  });
  const session = locationOf(reply);
  if (session !== undefined) await makeUploader(transport, name, digestOf(new Uint8Array()), signal).cancel(session);
}

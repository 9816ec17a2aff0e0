/** No engine or registry can be had on this machine. The message says what is missing and how to get it. */
export class SandboxUnavailable extends Error {
  override readonly name = "SandboxUnavailable";
}

/** What a command of the action came to. */
export interface CommandResult {
  /** The summary's first line: what was done, and why. */
  readonly lead: string;
  /** Markdown for the end of the summary. */
  readonly more: readonly string[];
  readonly exitCode: number;
}

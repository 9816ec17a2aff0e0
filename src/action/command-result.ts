/** Result of a command of the action. */
export interface CommandResult {
  /** First line of the summary: the result and the reason. */
  readonly lead: string;
  /** Markdown for the end of the summary. */
  readonly more: readonly string[];
  readonly exitCode: number;
}

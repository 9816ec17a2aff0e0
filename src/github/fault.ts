import { errorMessage, SlipwayError, whileDoing } from "../errors.ts";
import { asList, fieldsOf, textField } from "../formats/json.ts";

type GitHubFaultKind = "github-unavailable" | "github-rate-limited" | "github-denied" | "refused";

/**
 * Turns an error of GitHub's API into one with advice. `doing`: "writing the release v1.2.0 of acme/shop". `permission`: the permission of
 * the call, as in workflows: `contents: write`. Status codes: https://docs.github.com/rest/using-the-rest-api/troubleshooting-the-rest-api
 */
export function githubFault(error: unknown, doing: string, permission: string): SlipwayError {
  if (error instanceof SlipwayError) return error;
  if (error instanceof Error && error.cause instanceof SlipwayError) return whileDoing(doing, error.cause);
  const answer = readAnswer(error);
  const fault = (kind: GitHubFaultKind, said: string, hint: string): SlipwayError =>
    new SlipwayError(kind, `${doing}: ${said}`, { hint, cause: error });
  if (answer === undefined) {
    return fault(
      "github-unavailable",
      errorMessage(error),
      "GitHub was not reached; the same command may succeed later",
    );
  }
  const { status, message, isRateLimit } = answer;
  const said = `GitHub said ${status}: ${message}`;
  if (isRateLimit)
    return fault("github-rate-limited", said, "a rate limit of GitHub; the same command may succeed in some minutes");
  if (status >= 500) return fault("github-unavailable", said, "GitHub has a fault; the same command may succeed later");
  if (status === 401)
    return fault("github-denied", said, "the token is wrong or has expired: set GH_TOKEN to one that is valid");
  if (status === 403 || status === 404) return fault("github-denied", said, missingPermission(permission));
  return fault("refused", said, "check what it says, then run the same command again: it goes on where it stopped");
}

/** Whether an error is GitHub's answer with this status. */
export function isStatus(error: unknown, status: number): boolean {
  return readAnswer(error)?.status === status;
}

/** Whether GitHub refused a request for the value of this field. */
export function isAboutField(error: unknown, field: string): boolean {
  const answer = readAnswer(error);
  return answer?.status === 422 && answer.fields.includes(field);
}

/** Awaits a removal. A 404 counts as success: an earlier try may have succeeded without an answer. */
export async function ensureGone(removal: Promise<unknown>): Promise<void> {
  try {
    await removal;
  } catch (error) {
    if (!isStatus(error, 404)) throw error;
  }
}

function missingPermission(permission: string): string {
  return `the token needs \`${permission}\`: in a workflow add it to the job's \`permissions\` (pull requests from forks never have it); a person's token needs access to the repository`;
}

interface Answer {
  readonly status: number;
  readonly message: string;
  readonly isRateLimit: boolean;
  /** Fields of the request whose values were refused. */
  readonly fields: readonly string[];
}

/** Reads a `RequestError` of Octokit by its fields, since it may come from another copy of the package. */
function readAnswer(error: unknown): Answer | undefined {
  if (!(error instanceof Error) || !("status" in error) || typeof error.status !== "number") return undefined;
  const response = "response" in error ? fieldsOf(error.response) : {};
  // Octokit sets status 500 when no answer came.
  if (error.status === 500 && Object.keys(response).length === 0) return undefined;
  const data = fieldsOf(response["data"]);
  const headers = fieldsOf(response["headers"]);
  const message = typeof data["message"] === "string" ? data["message"] : error.message;
  const errors = asList(data["errors"]) ?? [];
  const details = errors.map(renderDetail).join("; ");
  const isLimit = error.status === 429 || (error.status === 403 && /rate limit/i.test(message));
  return {
    status: error.status,
    fields: errors.map((detail) => textField(fieldsOf(detail), "field")),
    message: details === "" ? message : `${message} (${details})`,
    isRateLimit: isLimit || (error.status === 403 && headers["x-ratelimit-remaining"] === "0"),
  };
}

/** Renders one entry of a 422's errors: https://docs.github.com/rest/using-the-rest-api/troubleshooting-the-rest-api#validation-failed */
function renderDetail(detail: unknown): string {
  if (typeof detail === "string") return detail;
  const { field, code, message } = fieldsOf(detail);
  if (typeof message === "string") return message;
  return [field, code].filter((each) => typeof each === "string").join(" ");
}

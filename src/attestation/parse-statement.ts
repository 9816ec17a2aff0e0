import { asFields, asList, parseJson } from "../formats/json.ts";
import type { Statement, StatementSubject } from "../model/statement.ts";

/** Parses an in-toto statement of version 1 whose subjects all have a SHA-256 digest; undefined: it is none. */
export function parseStatement(content: Uint8Array | string): Statement | undefined {
  const fields = asFields(parseJson(content));
  const predicate = asFields(fields?.["predicate"]);
  const subjects = asList(fields?.["subject"])?.map(parseSubject);
  const predicateType = fields?.["predicateType"];
  if (fields?.["_type"] !== "https://in-toto.io/Statement/v1" || typeof predicateType !== "string") return undefined;
  if (predicate === undefined || subjects === undefined || subjects.length === 0) return undefined;
  const subject = subjects.filter((each) => each !== undefined);
  if (subject.length !== subjects.length) return undefined;
  return { _type: "https://in-toto.io/Statement/v1", subject, predicateType, predicate };
}

function parseSubject(value: unknown): StatementSubject | undefined {
  const fields = asFields(value);
  const sha256 = asFields(fields?.["digest"])?.["sha256"];
  if (typeof sha256 !== "string" || !/^[0-9a-f]{64}$/.test(sha256)) return undefined;
  return { name: typeof fields?.["name"] === "string" ? fields["name"] : "", digest: { sha256 } };
}

import { asFields, parseJson, textField } from "../formats/json.ts";

/** Predicate type of SPDX documents; a version may follow it. Source: in-toto/attestation, spec/predicates/spdx.md. */
const spdxPredicate = "https://spdx.dev/Document";

/** The document in an in-toto statement of an SBOM; a text: why there is none. Both versions of the statement are read. */
export function readSbomStatement(bytes: Uint8Array): { readonly document: unknown } | string {
  const fields = asFields(parseJson(bytes));
  if (fields === undefined) return "the statement is no JSON object";
  const type = textField(fields, "_type");
  if (!type.startsWith("https://in-toto.io/Statement/v")) return "the statement is not one of in-toto";
  const predicate = textField(fields, "predicateType");
  if (!predicate.startsWith(spdxPredicate)) return `the statement's predicate is "${predicate.slice(0, 80)}"`;
  return { document: fields["predicate"] };
}

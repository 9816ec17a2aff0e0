import { digestHex } from "../model/digest.ts";
import { byKey } from "../model/order.ts";
import type { Statement } from "../model/statement.ts";
import type { NamedDigest } from "./named-digest.ts";

/** Makes a statement. Subjects are sorted by name, then digest, and each is there once. */
export function makeStatement(
  subjects: readonly NamedDigest[],
  predicateType: string,
  predicate: Statement["predicate"],
): Statement {
  const distinct = new Map(subjects.map((each) => [`${each.name} ${each.digest}`, each]));
  return {
    _type: "https://in-toto.io/Statement/v1",
    subject: [...distinct]
      .toSorted(byKey(([key]) => key))
      .map(([, { name, digest }]) => ({ name, digest: { sha256: digestHex(digest) } })),
    predicateType,
    predicate,
  };
}

import { CST, Parser } from "yaml";

/** Why a YAML file is refused, and the place in its text. */
export interface YamlExcess {
  readonly offset: number;
  readonly message: string;
}

const mostCharacters = 2_097_152;
/** The parser recurses at each level. */
const deepest = 200;
const mostValues = 50_000;
/** The parser searches all values for an alias's anchor. */
const mostAliases = 1000;

/**
 * Finds the first place where a YAML text is larger, deeper or richer in aliases than real files are, so that parsing would take too long
 * or overflow the stack. Undefined: it may be parsed. Takes linear time.
 */
export function findYamlExcess(text: string): YamlExcess | undefined {
  if (text.length > mostCharacters) return { offset: 0, message: "the file has more than 2,097,152 characters" };
  let values = 0;
  let aliases = 0;
  const open: { readonly token: CST.Token; readonly depth: number }[] = [];
  for (const document of new Parser().parse(text)) {
    open.push({ token: document, depth: 0 });
    for (let next = open.pop(); next !== undefined; next = open.pop()) {
      const { token, depth } = next;
      const { offset } = token;
      values += 1;
      if (token.type === "alias") aliases += 1;
      if (depth > deepest) return { offset, message: `values are more than ${deepest} deep in each other` };
      if (values > mostValues) return { offset, message: `the file has more than ${mostValues} values` };
      if (aliases > mostAliases) return { offset, message: `the file has more than ${mostAliases} aliases` };
      for (const child of childrenOf(token)) open.push({ token: child, depth: depth + 1 });
    }
  }
  return undefined;
}

function childrenOf(token: CST.Token): CST.Token[] {
  if (token.type === "document") return token.value === undefined ? [] : [token.value];
  if (!("items" in token)) return [];
  return token.items.flatMap(({ key, value }) => [key, value].filter((each) => each !== undefined && each !== null));
}

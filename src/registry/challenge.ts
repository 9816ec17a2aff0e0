/** One challenge of a `WWW-Authenticate` header (RFC 9110, section 11.6.1). Scheme and parameter names are in lower case. */
export interface Challenge {
  readonly scheme: string;
  readonly parameters: Readonly<Record<string, string>>;
}

const token = String.raw`[!#$%&'*+.^_\`|~0-9A-Za-z-]+`;
const schemePattern = new RegExp(String.raw`\s*(?:,\s*)?(${token})(?=\s|,|$)`, "y");
const parameterPattern = new RegExp(String.raw`\s*(?:,\s*)?(${token})\s*=\s*(?:"((?:[^"\\]|\\.)*)"|([^\s,"]*))`, "y");

/** Parses all challenges of a header. An unreadable part ends the list. */
export function parseChallenges(header: string): readonly Challenge[] {
  const challenges: Challenge[] = [];
  let at = 0;
  for (;;) {
    const scheme = matchAt(schemePattern, header, at);
    if (scheme === undefined) return challenges;
    at += scheme[0].length;
    const parameters: Record<string, string> = {};
    for (;;) {
      const parameter = matchAt(parameterPattern, header, at);
      if (parameter === undefined) break;
      at += parameter[0].length;
      const [, name = "", quoted, bare] = parameter;
      parameters[name.toLowerCase()] = quoted?.replaceAll(/\\(.)/g, "$1") ?? bare ?? "";
    }
    challenges.push({ scheme: (scheme[1] ?? "").toLowerCase(), parameters });
  }
}

function matchAt(pattern: RegExp, text: string, at: number): RegExpExecArray | undefined {
  pattern.lastIndex = at;
  return pattern.exec(text) ?? undefined;
}

import type { CountedStatement, ImageProof, VerifyDocument } from "../model/verification.ts";
import type { Style } from "./style.ts";

/** Renders what was verified: each image with who built it, and everything that is not proven. */
export function renderVerification(document: VerifyDocument, style: Style): string {
  const { release, isProven, missing, images } = document;
  const what = release === null ? "" : `${release}: `;
  const proven = images.filter((each) => each.isProven).length;
  const verdict = isProven
    ? style.green(`${what}everything is proven`)
    : style.red(`${what}not everything is proven (${proven} of ${images.length} images are)`);
  return [
    verdict,
    ...missing.map((each) => `  ${style.red("missing:")} ${each}`),
    ...images.map((each) => renderImage(each, style)),
  ].join("\n");
}

function renderImage(
  { service, name, digest, isProven, statements, hasSbom, missing, distrusted }: ImageProof,
  style: Style,
): string {
  const mark = isProven ? style.green("proven") : style.red("not proven");
  const title = `${mark}  ${style.bold(service ?? name)}  ${style.dim(`${name}@${digest}`)}`;
  const facts = statements.flatMap((each) => renderStatement(each));
  return [
    title,
    ...facts,
    `  packages: ${hasSbom ? "listed (SBOM)" : "not listed"}`,
    ...missing.map((each) => `  ${style.red("missing:")} ${each}`),
    ...distrusted.map((each) => `  ${style.yellow("passed over:")} ${each}`),
  ].join("\n");
}

function renderStatement({ predicateType, signer, signedAt, madeFrom }: CountedStatement): string[] {
  const when = signedAt === null ? "" : ` at ${signedAt}`;
  if (signer.kind === "key")
    return [`  ${predicateType}, signed with the key ${signer.key}${when}`, ...renderSources(madeFrom)];
  const { subject, commit, ref, runner, run } = signer;
  return [
    `  ${predicateType}`,
    `    signed by ${subject}${when}`,
    `    commit ${commit} of ${ref}, on a ${runner} runner, ${run}`,
    ...renderSources(madeFrom),
  ];
}

function renderSources(madeFrom: CountedStatement["madeFrom"]): string[] {
  return madeFrom.map(({ name, digest }) => `    from ${name} ${digest}`);
}

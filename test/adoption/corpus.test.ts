import { readdirSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { parseSource } from "../../src/publishers/source-file.ts";
import { planInPlace } from "../../src/workflow/in-place/plan-in-place.ts";
import { convert, type Converted, differencesOf } from "./convert-case.ts";
import { publishedOn, publishersOf, readFolder } from "./read-case.ts";

// Each file has the structure of a public repository's workflows that publish images, reduced and written anew.
const folder = join(import.meta.dirname, "corpus");
const pin = { repository: "slipway-release/slipway", ref: "v1", commit: undefined };

interface Row {
  readonly repository: string;
  readonly publishers: number;
  readonly understood: number;
  /** `yes`: some builds go through Slipway; `forks`: with --forks. */
  readonly inPlace: "yes" | "forks" | "no";
  /** Why what stays as it is does. */
  readonly left: readonly string[];
  /** `asks`: it would publish something else on some event, which is shown and asked. */
  readonly converted: "yes" | "asks" | "refused";
  /** Images of an event that only one side publishes, before and after the change in place, or a conversion that asks nothing. */
  readonly lost: number;
  /** Why it is not converted, or what a conversion would publish otherwise. */
  readonly notConverted: readonly string[];
}

function surveyed(repository: string): Row {
  const files = readFolder(folder, repository);
  const found = publishersOf(files);
  const plan = planInPlace(found, { pin, forks: false, read: files.read });
  const withForks = planInPlace(found, { pin, forks: true, read: files.read });
  const asked = plan.files.length === 0 ? withForks : plan;
  const changed = new Map(asked.files.map(({ file, after }) => [file, after]));
  const after = publishersOf({ paths: files.paths, read: (path) => changed.get(path) ?? files.read(path) });
  const [mine, theirs] = [publishedOn(found), publishedOn(after)];
  const events = new Set([...Object.keys(mine), ...Object.keys(theirs)]);
  const lost = [...events].flatMap((event) => {
    const [left, right] = [new Set(mine[event]), new Set(theirs[event])];
    return [...left].filter((each) => !right.has(each)).concat([...right].filter((each) => !left.has(each)));
  });
  const conversion = convert(files);
  return {
    repository,
    publishers: found.length,
    understood: found.filter(({ understanding }) => understanding.understood).length,
    inPlace: plan.files.length > 0 ? "yes" : withForks.files.length > 0 ? "forks" : "no",
    left: [...new Set(plan.left.map(({ because }) => because))],
    converted: outcomeOf(conversion),
    notConverted:
      conversion.kind === "refused" ? [...new Set(conversion.because)] : differencesOf(conversion.comparison),
    lost: lost.length,
  };
}

function outcomeOf(conversion: Converted): Row["converted"] {
  if (conversion.kind === "refused") return "refused";
  return conversion.comparison.outcome === "different" ? "asks" : "yes";
}

const names = readdirSync(folder).map((file) => file.replace(/\.txt$/, ""));
const rows = names.map(surveyed);

describe("a corpus of repositories that publish images", () => {
  test("has 45 of them, and every workflow is valid YAML", () => {
    expect(names).toHaveLength(45);
    for (const name of names) {
      const files = readFolder(folder, name);
      for (const path of files.paths)
        if (path.endsWith(".yml")) expect(parseSource(path, files.read(path) ?? ""), `${name} ${path}`).toBeDefined();
    }
  });

  test("loses nothing in silence: each has publishers, each of them goes through Slipway or is left with a reason", () => {
    expect(rows.filter(({ publishers }) => publishers === 0).map(({ repository }) => repository)).toEqual([]);
    expect(rows.filter(({ lost }) => lost > 0).map(({ repository }) => repository)).toEqual([]);
    const silent = rows.filter(({ inPlace, left }) => inPlace !== "yes" && left.length === 0);
    expect(silent.map(({ repository }) => repository)).toEqual([]);
  });

  test("is changed in place in at least 38", () => {
    expect(rows.filter(({ inPlace }) => inPlace !== "no").length).toBeGreaterThanOrEqual(38);
  });

  test("as a table", async () => {
    const table = [
      "| repository | publishers | understood | in place | converted | lost | left as it is | not converted |",
      "|---|---|---|---|---|---|---|---|",
      ...rows.map((row) => {
        const { repository, publishers, understood, inPlace, converted, lost } = row;
        const [left, because] = [row.left, row.notConverted].map((each) =>
          each
            .map((line) => line.trim())
            .join("; ")
            .replaceAll("|", "\\|"),
        );
        return `| ${repository} | ${publishers} | ${understood} | ${inPlace} | ${converted} | ${lost} | ${left} | ${because} |`;
      }),
    ];
    await expect(`${table.join("\n")}\n`).toMatchFileSnapshot("corpus-table.md");
  });
});

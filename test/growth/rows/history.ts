import type { HistoryDocument, HistoryRelease } from "../../../src/model/history-document.ts";
import { list, type Row } from "../row.ts";

/** Renderers of the history of releases. */
export async function historyRows(): Promise<readonly Row[]> {
  const [rendering, csv, sums] = await Promise.all([
    import("../../../src/report/render-history.ts"),
    import("../../../src/formats/csv.ts"),
    import("../../../src/core/history/sum-history.ts"),
  ]);
  const [{ digestOf }, { makeStyle }] = await Promise.all([
    import("../../../src/model/digest.ts"),
    import("../../../src/report/style.ts"),
  ]);
  const style = makeStyle(true, { columns: 100 });
  const digest = digestOf("a");
  const release = (size: number, index: number): HistoryRelease => ({
    record: `1.${index}.0`,
    group: "default",
    version: `1.${index}.0`,
    branch: null,
    commit: "a",
    run: null,
    releasedAt: "2026-01-01T00:00:00.000Z",
    services: list(size, (at) => ({
      service: `s${at}`,
      origin: "built",
      digest,
      buildSeconds: 1,
      work: {
        reason: { kind: "inputs-changed", text: "=a,b", causes: [] },
        builderSeconds: 1,
        savedSeconds: null,
        vertices: null,
      },
      platforms: [],
    })),
  });
  const document = (size: number): HistoryDocument => {
    const releases = list(4, (index) => release(size, index));
    const totals = sums.sumHistory(releases);
    return { version: 1, readAt: "2026-01-01T00:00:00.000Z", releases, totals, notes: list(size, () => "a") };
  };

  return [
    [
      "the history of releases",
      12,
      (size) => () => [rendering.renderHistory(document(size), style), rendering.renderHistoryCsv(document(size))],
    ],
    ["a cell of CSV with many quotes", 200, (size) => () => csv.renderCsv([['"'.repeat(size), "=".repeat(size)]])],
  ];
}

/** Notebook files in which anything stands anywhere: an error that names the file and the place, or a notebook. */

import { writeFileSync } from "node:fs";
import path from "node:path";
import { describe, expect, it } from "vitest";
import { NotebookError } from "../../../src/core/errors/index.js";
import { runNotebook } from "../../../src/kernel/notebook/execute.js";
import { readNotebook } from "../../../src/kernel/notebook/files.js";
import { notebookHtml } from "../../../src/kernel/notebook/page.js";
import { readParameters } from "../../../src/kernel/notebook/parameters.js";
import { recordedProvenance, verifyNotebook } from "../../../src/kernel/notebook/verify.js";
import { cell, emptyFolder, notebook } from "./notebook-files.js";

const codeCell = { cell_type: "code", metadata: {}, source: "1", outputs: [], execution_count: 1 };

function withCell(more: object): object {
  return { ...notebook(), cells: [codeCell, { ...codeCell, ...more }] };
}

function withOutput(output: unknown): object {
  return withCell({ outputs: [{ output_type: "stream", name: "stdout", text: "" }, output] });
}

/** What the file holds, and the place that the error names. */
const wrong: readonly (readonly [holds: string, place: string])[] = (
  [
    [null, ""],
    [[], ""],
    [[notebook()], ""],
    [5, ""],
    ["notebook", ""],
    [{}, ""],
    [{ nbformat: 4 }, "cells"],
    [{ nbformat: 4, cells: {} }, "cells"],
    [{ nbformat: 4, cells: null }, "cells"],
    [{ nbformat: 4, cells: [null] }, "cells[0]"],
    [{ nbformat: 4, cells: [codeCell, 7] }, "cells[1]"],
    [{ nbformat: 4, cells: [[]] }, "cells[0]"],
    [{ nbformat: 4, cells: [], metadata: [] }, "metadata"],
    [{ nbformat: 4, cells: [], metadata: "x" }, "metadata"],
    [{ nbformat: 4, cells: [], metadata: { kernelspec: 7 } }, "metadata.kernelspec"],
    [{ nbformat: 4, cells: [], metadata: { kernelspec: { language: {} } } }, "metadata.kernelspec.language"],
    [{ nbformat: 4, cells: [], metadata: { language_info: { name: 5 } } }, "metadata.language_info.name"],
    [withCell({ cell_type: "heading" }), "cells[1].cell_type"],
    [withCell({ cell_type: undefined }), "cells[1].cell_type"],
    [withCell({ source: null }), "cells[1].source"],
    [withCell({ source: { a: 1 } }), "cells[1].source"],
    [withCell({ source: ["a", 1] }), "cells[1].source[1]"],
    [withCell({ metadata: "x" }), "cells[1].metadata"],
    [withCell({ metadata: { tags: "parameters" } }), "cells[1].metadata.tags"],
    [withCell({ metadata: { tags: ["a", null] } }), "cells[1].metadata.tags[1]"],
    [withCell({ execution_count: "<img src=x onerror=alert(1)>" }), "cells[1].execution_count"],
    [withCell({ execution_count: 1.5 }), "cells[1].execution_count"],
    [withCell({ outputs: {} }), "cells[1].outputs"],
    [withCell({ attachments: [] }), "cells[1].attachments"],
    [withCell({ attachments: { "a.png": "x" } }), 'cells[1].attachments["a.png"]'],
    [withOutput(null), "cells[1].outputs[1]"],
    [withOutput({}), "cells[1].outputs[1].output_type"],
    [withOutput({ output_type: "pyout" }), "cells[1].outputs[1].output_type"],
    [withOutput({ output_type: "stream", name: "stdout" }), "cells[1].outputs[1].text"],
    [withOutput({ output_type: "stream", name: 1, text: "" }), "cells[1].outputs[1].name"],
    [withOutput({ output_type: "error", ename: "E", evalue: "", traceback: "x" }), "cells[1].outputs[1].traceback"],
    [withOutput({ output_type: "error", ename: {}, evalue: "", traceback: [] }), "cells[1].outputs[1].ename"],
    [withOutput({ output_type: "display_data", metadata: {} }), "cells[1].outputs[1].data"],
    [withOutput({ output_type: "display_data", data: null, metadata: {} }), "cells[1].outputs[1].data"],
    [withOutput({ output_type: "execute_result", data: { "text/html": 5 } }), 'cells[1].outputs[1].data["text/html"]'],
    [withOutput({ output_type: "display_data", data: { "image/png": {} } }), 'cells[1].outputs[1].data["image/png"]'],
    [withOutput({ output_type: "display_data", data: {}, metadata: 3 }), "cells[1].outputs[1].metadata"],
  ] as const
).map(([value, place]) => [JSON.stringify(value), place]);

const deep = `${"[".repeat(100_000)}${"]".repeat(100_000)}`;

describe("a notebook file", () => {
  it.each(wrong)("%s is refused with its place", async (text, place) => {
    const file = path.join(emptyFolder(), "n.ipynb");
    writeFileSync(file, text);
    const error = await readNotebook(file).catch((thrown) => thrown);
    expect(error).toBeInstanceOf(NotebookError);
    expect(error.path).toBe(place === "" ? file : `${file}: ${place}`);
    expect(error.problems[0]).toMatchObject({ expected: expect.any(String), fix: expect.any(String) });
  });

  it("of any depth is refused, wherever the depth lies", async () => {
    const file = path.join(emptyFolder(), "n.ipynb");
    const at = (text: string): string => text.replace('"DEEP"', deep);
    for (const text of [
      deep,
      at(JSON.stringify({ ...notebook(), metadata: { pepnet: "DEEP" } })),
      at(
        JSON.stringify(withOutput({ output_type: "display_data", data: { "application/json": "DEEP" }, metadata: {} })),
      ),
    ]) {
      writeFileSync(file, text);
      await expect(readNotebook(file)).rejects.toThrow(NotebookError);
    }
  });

  it("is refused alike by run, verify, parameters and the page", async () => {
    const file = path.join(emptyFolder(), "n.ipynb");
    writeFileSync(file, JSON.stringify({ ...notebook(), cells: [null] }));
    for (const work of [
      () => runNotebook(file),
      () => verifyNotebook(file),
      () => readParameters(file, [["a", "1"]]),
    ]) {
      const error = await work().catch((thrown) => thrown);
      expect(error).toBeInstanceOf(NotebookError);
      expect(error.path).toBe(`${file}: cells[0]`);
    }
    await expect(notebookHtml({ cells: [null], metadata: {} } as never)).rejects.toThrow(/notebook: cells\[0\]/);
  });

  it("may lack metadata and outputs", async () => {
    const file = path.join(emptyFolder(), "n.ipynb");
    writeFileSync(file, JSON.stringify({ nbformat: 4, cells: [{ cell_type: "code", source: "1" }] }));
    expect(await readNotebook(file)).toMatchObject({ metadata: {}, cells: [{ metadata: {}, source: "1" }] });
  });
});

it.each([
  [{ pepnet: null }],
  [{ pepnet: { versions: null, machine: {} } }],
  [{ pepnet: { versions: {}, machine: {}, git: { commit: 5 } } }],
  [{ pepnet: { versions: {}, machine: {}, seeds: 5 } }],
  [{ pepnet: { versions: {}, machine: {}, data: [null] } }],
  [{ language_info: { pepnet: { versions: [], machine: {} } } }],
])("a record of the run %j is none", (metadata) => {
  expect(recordedProvenance({ ...notebook(), metadata })).toBeNull();
});

it("code, text and output of any shape become a page in time that grows with their length", async () => {
  const hard = ["/*", '"\\', "`\\", "\r", "<a style", "'", "/", "<"].map((piece) => `${piece.repeat(100_000)}x`);
  const outputs = hard.flatMap((text) => [
    { output_type: "stream" as const, name: "stdout", text },
    {
      output_type: "display_data" as const,
      data: { "application/vnd.plotly.v1+json": { data: [{ name: text }], layout: {} } },
      metadata: {},
    },
    { output_type: "display_data" as const, data: { "text/html": `<p style="${text}" id="${text}">` }, metadata: {} },
  ]);
  const cells = hard.map((source) => ({ ...cell(source), outputs }));
  expect(await notebookHtml(notebook(...cells))).toContain("</html>");
});

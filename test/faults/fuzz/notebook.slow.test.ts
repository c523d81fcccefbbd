/** Notebook files, their parameters and messages to the kernel, of any content: taken, refused by name, or dropped. */

import { writeFileSync } from "node:fs";
import path from "node:path";
import fc from "fast-check";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { compareOutputs } from "../../../src/kernel/notebook/compare.js";
import { readNotebook, refuseOtherLanguage } from "../../../src/kernel/notebook/files.js";
import type { Output } from "../../../src/kernel/notebook/format.js";
import { notebookHtml } from "../../../src/kernel/notebook/page.js";
import { injectedCell, parseValue, withParameters } from "../../../src/kernel/notebook/parameters.js";
import { environmentDifferences, recordedProvenance } from "../../../src/kernel/notebook/verify.js";
import { savedWidgets } from "../../../src/kernel/notebook/widgets.js";
import type { Provenance } from "../../../src/kernel/opened-files.js";
import { decode, encode, header } from "../../../src/kernel/wire.js";
import { Conversation } from "../../kernel/conversation.js";
import { cell, emptyFolder, notebook } from "../../kernel/notebook/notebook-files.js";
import { cases, damagedText, endsWell, prototypeNames } from "./fuzzing.js";

const parameters = cell(
  "const gamma = 1;\nlet name: string = 'x';\nvar list = [1, 2];\nlet flag = true, any = f();",
  "parameters",
);

describe("a notebook's parameters", () => {
  it("of any names and values", async () => {
    const name = fc.oneof(fc.string(), fc.constantFrom("gamma", "name", "list", "flag", "any", ...prototypeNames));
    await fc.assert(
      fc.asyncProperty(fc.dictionary(name, fc.jsonValue()), async (values) => {
        const injected = await endsWell(() =>
          injectedCell(notebook(parameters), values as Parameters<typeof injectedCell>[1], "n.ipynb"),
        );
        // What is injected is those values and nothing that runs.
        if (injected !== null) expect(readBack(String([injected.source].flat().join("")), values)).toEqual(values);
      }),
      cases(1500, 1),
    );
  });

  it("as words of a command line", async () => {
    const kind = fc.constantFrom(
      { is: "number" },
      { is: "text" },
      { is: "boolean" },
      { is: "any" },
      { is: "object" },
    ) as fc.Arbitrary<Parameters<typeof parseValue>[1]>;
    await fc.assert(
      fc.asyncProperty(fc.string({ unit: "binary" }), kind, async (word, each) => {
        expect(await endsWell(() => parseValue(word, each, "/"))).not.toBeUndefined();
      }),
      cases(2000, 2),
    );
  });

  it("in a parameters cell of any text", async () => {
    const text = fc.oneof(
      fc.string({ unit: "binary" }),
      fc
        .array(fc.constantFrom("let", "const", "a", "=", ":", "1", "'", "`", "${", "}", "[", ";", "\n", "//"))
        .map((parts) => parts.join(" ")),
    );
    await fc.assert(
      fc.asyncProperty(
        text,
        async (source) =>
          void (await endsWell(() => injectedCell(notebook(cell(source, "parameters")), { a: 1 }, "n.ipynb"))),
      ),
      cases(500, 3),
    );
  });
});

it("a parameters cell that nests deeply is refused, or read", async () => {
  for (const [open, close] of ["[]", "()", "{}", "<>"].map((pair) => [...pair] as [string, string])) {
    const source = `let a = ${open.repeat(50_000)}1${close.repeat(50_000)};\nlet b: ${open.repeat(50_000)};`;
    await endsWell(() => injectedCell(notebook(cell(source, "parameters")), { a: 1 }, "n.ipynb"));
  }
});

describe("a notebook file", () => {
  const folder = emptyFolder();
  const file = path.join(folder, "n.ipynb");
  const figure = { data: [{ type: "bar", x: ["a"], y: [1] }], layout: { title: { text: "<b>t</b>" } } };
  const data = {
    "application/vnd.plotly.v1+json": figure,
    "application/vnd.example.numbers+json": { auc: 0.7 },
    "text/html": ["<table><tr><td>1</td></tr></table>"],
    "text/plain": ["a  b\n─  ─\n1  2"],
  };
  const used = { seeds: [{ use: "split", seed: 1 }], data: [{ name: "a.csv", bytes: 2, sha256: "00" }] };
  const outputs: Output[] = [
    { output_type: "stream", name: "stdout", text: ["a\r", "b 1.5 s\n"] },
    { output_type: "display_data", data: { "image/svg+xml": "<svg><rect/></svg>" }, metadata: { pepnet: used } },
    { output_type: "execute_result", execution_count: 1, data, metadata: {} },
    { output_type: "error", ename: "E", evalue: "v", traceback: ["\u001b[31mE\u001b[0m"] },
  ];
  const around = { versions: { pepnet: "1" }, git: { commit: "00", dirty: true }, machine: { cores: 2 } };
  const whole = {
    ...notebook(
      {
        ...cell("# *title* <b>x</b> ![p](attachment:a.png)", undefined, "markdown"),
        attachments: { "a.png": { "image/png": "AA" } },
      },
      parameters,
      { ...cell("let gamma = 2;", "result"), outputs, execution_count: 1 },
    ),
  };
  Object.assign(whole.metadata, {
    language_info: { name: "typescript", pepnet: around },
    pepnet: { ...around, ...used },
  });

  /** All that is made of a notebook without executing it. */
  async function use(): Promise<void> {
    const read = await readNotebook(file);
    const recorded = recordedProvenance(read);
    environmentDifferences(recorded, { ...around, ...used } as unknown as Provenance);
    for (const { outputs: each = [] } of read.cells) {
      const saved = savedWidgets(read);
      const comparison = { tolerance: 0, onIgnored: () => {}, draw: async () => null };
      await compareOutputs(each, outputs, { ...comparison, widgets: { recorded: saved, now: {} } });
      await compareOutputs(outputs, each, { ...comparison, widgets: { recorded: {}, now: saved } });
    }
    withParameters(read, { gamma: 2 }, file);
    refuseOtherLanguage(read, file);
    const html = await notebookHtml(read);
    expect(html).not.toMatch(
      /<(?:iframe|form|object|embed|base)\b|<script(?! type="application\/json")(?! type="text\/plain" id="plotly")(?!>)/i,
    );
  }

  it("with any part replaced or missing is read, or refused by name", async () => {
    writeFileSync(file, JSON.stringify(whole));
    await use();
    const places = placesOf(whole);
    const odd = fc.oneof(
      fc.constantFrom(
        null,
        undefined,
        0,
        -1.5,
        "",
        "x",
        true,
        [],
        {},
        [null],
        ["a", 1],
        { a: null },
        "<script>1</script>",
      ),
      fc.jsonValue({ maxDepth: 2 }),
    );
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.tuple(fc.constantFrom(...places), odd), { minLength: 1, maxLength: 3 }),
        async (changes) => {
          const changed = structuredClone(whole);
          for (const [place, value] of changes) replaceAt(changed, place, value);
          writeFileSync(file, JSON.stringify(changed));
          await endsWell(use);
        },
      ),
      cases(150, 6),
    );
  });

  it("of damaged text is read, or refused by name", async () => {
    const words = ["null", "[]", "{}", '"__proto__":', "1e999", "\\ud800", "<script>", '"outputs":[null],'];
    await fc.assert(
      fc.asyncProperty(damagedText(JSON.stringify(whole), words), async (text) => {
        writeFileSync(file, text);
        await endsWell(use);
      }),
      cases(150, 7),
    );
  });
});

type Place = readonly (string | number)[];

/** The paths of all parts of a JSON value. */
function placesOf(value: unknown, place: Place = []): Place[] {
  if (typeof value !== "object" || value === null) return [place];
  return [
    ...(place.length === 0 ? [] : [place]),
    ...Object.entries(value).flatMap(([key, item]) => placesOf(item, [...place, key])),
  ];
}

function replaceAt(value: unknown, place: Place, put: unknown): void {
  let parent = value as Record<string, unknown> | undefined;
  for (const key of place.slice(0, -1)) parent = parent?.[key] as Record<string, unknown> | undefined;
  if (typeof parent === "object" && parent !== null) parent[place.at(-1) as string] = put;
}

/** The injected declarations evaluated as what they look like. */
function readBack(source: string, values: object): Record<string, unknown> {
  const plain = source.replace(/^(let|var|const) (\w+)(: [^=]*)? =/gm, "$1 $2 =");
  const names = Object.keys(values);
  return new Function(`${plain}\n return { ${names.join(", ")} };`)() as Record<string, unknown>;
}

describe("messages to the kernel", () => {
  it("of any frames are messages or refused", async () => {
    const frame = fc.oneof(
      fc.uint8Array({ maxLength: 40 }),
      fc.json().map((text) => Buffer.from(text)),
      fc.constant(Buffer.from("<IDS|MSG>")),
    );
    fc.assert(
      fc.property(fc.array(frame, { maxLength: 9 }), (frames) => {
        try {
          const message = decode(
            "",
            frames.map((each) => Buffer.from(each)),
          );
          expect(typeof message.header.msg_type).toBe("string");
          expect(typeof message.content).toBe("object");
          expect(message.content).not.toBeNull();
        } catch (error) {
          expect((error as Error).message).toMatch(/Jupyter message|JSON|Unexpected|token|property/);
        }
      }),
      cases(2000, 4),
    );
    const message = { identities: [], header: header("x", "s"), parent: {}, metadata: {}, content: {} };
    expect(() => decode("other", encode("key", message))).toThrow(/wrong signature/);
  });

  describe("sent for real", () => {
    let kernel: Conversation;
    beforeAll(async () => {
      kernel = await Conversation.start();
    });
    afterAll(() => kernel.end());

    it("leave it alive, each answered, and the next cell runs", async () => {
      const type = fc.constantFrom(
        "execute_request",
        "complete_request",
        "inspect_request",
        "is_complete_request",
        "history_request",
        "comm_info_request",
        "comm_open",
        "kernel_info_request",
      );
      const value = fc.oneof(
        fc.constantFrom(null, 0, -1, 1e9, "", "x", "1 +", "throw 1", [], {}, true, "\ud800", "😀".repeat(3)),
        fc.jsonValue({ maxDepth: 1 }),
      );
      const content = fc.record(
        {
          code: value,
          cursor_pos: value,
          silent: value,
          store_history: value,
          comm_id: value,
          hist_access_type: value,
          n: value,
          session: value,
          start: value,
          stop: value,
          output: value,
          raw: value,
          detail_level: value,
        },
        { requiredKeys: [] },
      );
      await fc.assert(
        fc.asyncProperty(type, content, async (each, fields) => {
          if (each === "comm_open") kernel.kernel.request(each, fields).reply.catch(() => undefined);
          else
            expect((await kernel.send(each, fields)).reply.status).toMatch(
              /ok|error|complete|incomplete|invalid|unknown/,
            );
        }),
        { ...cases(150, 5), endOnFailure: true },
      );
      expect((await kernel.run("1 + 1")).text).toBe("2");
    });
  });
});

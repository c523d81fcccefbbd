/** Outputs compared with those of a new run: what is the same, what differs, and what is ignored. */
import { describe, expect, it } from "vitest";
import { duration, marked, memorySize } from "../../../src/core/util/measured.js";
import type { Output } from "../../../src/kernel/notebook/format.js";
import { tableBundle } from "../../../src/lab/render/bundle.js";
import { col, sheetFrom, sheetTable } from "../../../src/lab/views/view.js";
import { compared, printed, shown } from "./compare.js";

const plotly = "application/vnd.plotly.v1+json";
const times = "application/vnd.pepnet.times+json";
const figure = { data: [{ y: [1, 2, 3], name: "loss" }], layout: { title: { text: "Loss" } } };

async function compare(recorded: Output, now: Output, tolerance?: number): Promise<string[]> {
  return (await compared([recorded], [now], tolerance === undefined ? {} : { tolerance })).differences;
}

describe("outputs are the same", () => {
  it("if numbers differ by less than the tolerance, and columns are wider for it", async () => {
    expect(await compare(printed("loss 0.123456789"), printed("loss 0.123456790"))).toEqual([]);
    expect(
      await compare(printed("a         1.0\n─  ──────────\nb  0.99999999"), printed("a  1.0\n─  ───\nb  1.0")),
    ).toEqual([]);
  });

  it("within an explicit tolerance, which also accepts the last digit of a rounded number", async () => {
    expect(await compare(printed("auc 0.7720"), printed("auc 0.7721"))).toEqual(["stdout line 1 number"]);
    expect(await compare(printed("auc 0.7720 of 0.001"), printed("auc 0.7721 of 0.002"), 1e-3)).toEqual([]);
    expect(await compare(printed("auc 0.7720"), printed("auc 0.7820"), 1e-3)).toEqual(["stdout line 1 number"]);
  });

  it("if text arrives in other pieces, or another client saved the seeds beside an output", async () => {
    const { differences } = await compared([printed("a\nb")], [printed("a\n"), printed("b")]);
    expect(differences).toEqual([]);
    const seeds = { pepnet: { seeds: [], data: [] } };
    expect(await compare(shown({ "text/plain": "x" }, seeds), shown({ "text/plain": "x" }))).toEqual([]);
  });
});

describe("outputs differ", () => {
  it.each([
    ["a number", printed("rows 100,000"), printed("rows 100,001"), ["stdout line 1 number"]],
    ["a word", printed("a\nb"), printed("a\nc"), ["stdout line 2 text"]],
    ["a line more", printed("a"), printed("a\nb"), ["stdout line 2 unexpected"]],
    ["nothing printed", printed("a"), printed(""), ["stdout missing"]],
    ["a date", printed("from 1998-01-02 03:04"), printed("from 1998-01-03 03:04"), ["stdout line 1 text"]],
    ["a picture alone", shown({ "image/png": "AAAA" }), shown({ "image/png": "BBBB" }), ["image/png picture"]],
    [
      "a form that is gone",
      shown({ "text/plain": "x", [plotly]: figure }),
      shown({ "text/plain": "x" }),
      [`${plotly} missing`],
    ],
    [
      "a value of a figure",
      shown({ [plotly]: figure }),
      shown({ [plotly]: { ...figure, data: [{ y: [1, 2.001, 3], name: "loss" }] } }),
      [`${plotly} data[0].y[1] number`],
    ],
    [
      "a point of a figure",
      shown({ [plotly]: figure }),
      shown({ [plotly]: { ...figure, data: [{ y: [1, 2], name: "loss" }] } }),
      [`${plotly} data[0].y missing`],
    ],
    [
      "a figure's words",
      shown({ [plotly]: figure }),
      shown({ [plotly]: { ...figure, layout: { title: { text: "Gain" } } } }),
      [`${plotly} layout.title.text text`],
    ],
    [
      "an error",
      { output_type: "error", ename: "TypeError", evalue: "x", traceback: [] } as Output,
      { output_type: "error", ename: "RangeError", evalue: "x", traceback: [] } as Output,
      ["error line 1 text"],
    ],
  ])("by %s", async (_, recorded, now, expected) => {
    expect(await compare(recorded, now)).toEqual(expected);
  });
});

describe("times of the library's outputs", () => {
  const table = (seconds: number, auc: number): Output => {
    const columns = [{ name: "step" }, { name: "seconds" }, { name: "auc", digits: 2 }];
    const bundle = tableBundle({
      caption: "Training",
      columns,
      rows: [
        [1, seconds, auc],
        [2, 2 * seconds, auc],
      ],
    });
    return shown({ ...bundle, [times]: { columns: [1] } });
  };

  it("are ignored in marked columns, and listed with both values", async () => {
    const { differences, ignored } = await compared([table(1.5, 0.7)], [table(12, 0.7)]);
    expect(differences).toEqual([]);
    expect(ignored.filter(({ form }) => form === "text/plain")).toEqual([
      { output: 1, form: "text/plain", where: "row 1, column 2", recorded: "1.5", now: "12" },
      { output: 1, form: "text/plain", where: "row 2, column 2", recorded: "3", now: "24" },
    ]);
    expect(ignored.filter(({ form }) => form === "text/html").map(({ recorded }) => recorded)).toEqual(["1.5", "3"]);
  });

  it("do not cover other columns, other words in their place, or columns that only the saved file marks", async () => {
    expect((await compared([table(1.5, 0.7)], [table(12, 0.71)])).differences).toContain("text/plain line 4 number");
    const planted = structuredClone(table(1.5, 0.7)) as Extract<Output, { output_type: "display_data" }>;
    planted.data["text/plain"] = (planted.data["text/plain"] as string).replace("1.5", "yes");
    expect((await compared([planted], [table(12, 0.7)])).differences).toEqual(["text/plain line 4 text"]);
    const unmarked = structuredClone(table(12, 0.7)) as typeof planted;
    delete unmarked.data[times];
    expect((await compared([table(1.5, 0.7)], [unmarked])).differences).toContain(`${times} missing`);
    expect((await compared([table(1.5, 0.7)], [unmarked])).differences).toContain("text/plain line 4 number");
    expect((await compared([unmarked], [table(1.5, 0.7)])).differences).toEqual([]);
  });

  describe("within cells and captions of tables", () => {
    const memory = (rows: string, bytes: number, seconds: number, cached = false): Output => {
      const available = marked`rows ${rows}; available: ${memorySize(bytes)}`;
      const sheet = sheetFrom(
        marked`<a> & "b" took ${duration(seconds)} of 1 h`,
        [{ available, cached }],
        [
          col.text("quantity", () => "memory"),
          col.text("how", ({ available: text }) => text),
          col.measured(col.flag("cached", (row) => row.cached)),
        ],
      );
      return shown(tableBundle(sheetTable(sheet)));
    };

    it("are ignored, also behind escapes of HTML", async () => {
      const { differences, ignored } = await compared([memory("1 kB", 8e9, 5)], [memory("1 kB", 64e9, 65, true)]);
      expect(differences).toEqual([]);
      expect(ignored.map(({ form, where, recorded, now }) => [form, where, recorded, now])).toEqual(
        ["text/html", "text/plain"].flatMap((form) => [
          [form, "title", "5 s", "1 min 5 s"],
          [form, "row 1, column 2", "8 GB", "64 GB"],
          [form, "row 1, column 3", "no", "yes"],
        ]),
      );
    });

    it.each([
      ["the rest of the cell", (text: string) => text.replace("rows 1 kB", "rows 2 kB")],
      ["a time in place of the memory", (text: string) => text.replace("8 GB", "8 s")],
      ["a word in place of the memory", (text: string) => text.replace("8 GB", "enough")],
      ["a word behind the memory", (text: string) => text.replace("8 GB", "8 GB free")],
      ["a count in place of a flag", (text: string) => text.replace(/\bno\b/, "12")],
      ["the rest of the caption", (text: string) => text.replace("of 1 h", "of 2 h")],
      ["a word of the caption", (text: string) => text.replace("took", "saved")],
      ["an AUC in place of the time", (text: string) => text.replace("5 s of", "0.99 of")],
    ])("do not cover %s", async (_, plant) => {
      const edited = structuredClone(memory("1 kB", 8e9, 5)) as Extract<Output, { output_type: "display_data" }>;
      for (const form of ["text/html", "text/plain"]) {
        const text = edited.data[form] as string;
        expect(plant(text)).not.toBe(text);
        edited.data[form] = plant(text);
        const { differences } = await compared([edited], [memory("1 kB", 64e9, 65, true)]);
        expect(differences.length).toBeGreaterThan(0);
        edited.data[form] = text;
      }
    });
  });

  const live = (seconds: string, rate: string, loss = "0.5", png = seconds): Output => {
    const text = `Trained 352 steps in ${seconds}, ${rate}; loss ${loss}`;
    const start = "Trained 352 steps in ".length;
    const rateStart = start + seconds.length + 2;
    return shown({
      [plotly]: { data: [{ y: [1] }], layout: { title: { text: text.replace("; ", ";<br>") } } },
      "image/png": Buffer.from(`picture of ${png}`).toString("base64"),
      "text/plain": `${text}\n\nstep\n────\n   1`,
      [times]: {
        title: [
          [start, start + seconds.length],
          [rateStart, rateStart + rate.length],
        ],
      },
    });
  };
  const draw = async (drawn: unknown): Promise<string> => {
    const { text } = (drawn as { layout: { title: { text: string } } }).layout.title;
    return Buffer.from(`picture of ${/in (.*),/.exec(text)![1]!.split(",")[0]}`).toString("base64");
  };

  it("are ignored in a title, and the saved picture must be the one that the saved figure draws", async () => {
    const [recorded, now] = [live("2 s", "96,881 rows/s"), live("1 min 4 s", "9,881 rows/s")];
    const { differences, ignored } = await compared([recorded], [now], { draw });
    expect(differences).toEqual([]);
    expect(ignored.map(({ form, recorded: old, now: fresh }) => [form, old, fresh])).toEqual([
      [plotly, "2 s", "1 min 4 s"],
      [plotly, "96,881 rows/s", "9,881 rows/s"],
      ["image/png", "a picture of 20 letters", "a picture of 28 letters"],
      ["text/plain", "2 s", "1 min 4 s"],
      ["text/plain", "96,881 rows/s", "9,881 rows/s"],
    ]);
    expect((await compared([live("2 s", "96,881 rows/s", "0.5", "3 s")], [now], { draw })).differences).toEqual([
      "image/png picture",
    ]);
    expect((await compared([live("2 s", "96,881 rows/s", "0.4")], [now], { draw })).differences).toEqual([
      `${plotly} layout.title.text number`,
      "image/png picture",
      "text/plain line 1 number",
    ]);
    expect((await compared([live("soon", "96,881 rows/s")], [now], { draw })).differences).toEqual([
      `${plotly} layout.title.text text`,
      "image/png picture",
      "text/plain line 1 text",
    ]);
  });

  it.each([
    ["text", "x"],
    ["ranges", { title: [[1]] }],
    ["cells", { cells: [[0, -1]], columns: 3 }],
    ["a range beyond the title", { title: [[900, 901]] }],
  ])("are compared if a cell marks them by %s that is not valid", async (_, marks) => {
    const output = (text: string) => shown({ "text/plain": text, "text/html": text, [times]: marks });
    expect((await compared([output("1 s")], [output("2 s")])).differences).toContain("text/plain line 1 number");
  });
});

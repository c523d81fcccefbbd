/** Results planted in an executed notebook: each is found. */
import { describe, expect, it } from "vitest";
import type { Output } from "../../../src/kernel/notebook/format.js";
import { compared, printed, shown } from "./compare.js";

const plotly = "application/vnd.plotly.v1+json";
const view = "application/vnd.jupyter.widget-view+json";

const figure = {
  data: [
    {
      type: "scatter",
      name: "auc",
      x: [1, 2, 3],
      y: [0.71, 1e6, null],
      customdata: [
        ["a", 1],
        ["b", 2],
      ],
    },
    { type: "scatter", name: "watch", x: [10.5, 20.5], y: [1, 0], yaxis: "y2" },
  ],
  layout: {
    title: { text: "AUC 0.71 after 12.5 minutes" },
    xaxis: { title: { text: "seconds" }, range: [0, 3] },
    yaxis2: { title: { text: "watch minutes" } },
    annotations: [{ text: "better by 0.02", x: 1, y: 2 }],
    meta: { note: "n = 100" },
  },
  config: { displaylogo: false },
};
const html =
  "<p>AUC <b>0.71</b> after 3 days</p><table><tr><th>duration</th><th>auc</th></tr><tr><td>12</td><td>0.71</td></tr></table>" +
  '<img alt="chart" src="data:image/png;base64,AAAA"><a href="https://a.org/1">more</a>';
const text =
  "rows 1,000, auc 0.71\nwatched 12.5 minutes in 3 days\n10%\r50%\rdone\nsaved /data/2024/run-7.json\n" +
  "duration  auc\n────────  ────\n    12.0  0.71\n{ loss_s: 0.5, 'rows/s': 800, seconds: 3 }\n2026-01-02T03:04:05Z\n  indented\n";
const json = { auc: 0.71, loss_s: 0.5, duration: 30, seconds: 12, nested: [{ elapsed: 1, ok: true }], tiny: [1e-9, 5] };
const rich = {
  [plotly]: figure,
  "image/png": "iVBORw0KGgoAAAAN",
  "text/plain": text,
  "text/html": html,
  "image/svg+xml": '<svg><rect height="12"/><text>0.71</text></svg>',
  "application/json": json,
  "application/vnd.example.numbers+json": { auc: 0.71, time: 2 },
  "text/markdown": "**0.71** in 5 s",
  "text/latex": "$0.71$",
};
const failure = {
  output_type: "error",
  ename: "DataError",
  evalue: "line 1: no value",
  traceback: ["DataError: line 1: no value", "at cell 3"],
} as const;
const honest: readonly Output[] = [
  printed(text),
  printed("warning: 3 rows\n", "stderr"),
  shown(rich, { "image/png": { width: 900 } }),
  { output_type: "execute_result", execution_count: 4, data: { "text/plain": "0.71" }, metadata: {} },
  failure,
];

type Rich = typeof rich & Record<string, unknown>;

/** The outputs with a change to the rich one. */
function withRich(change: (data: Rich) => Record<string, unknown>): Output[] {
  return honest.map((output, index) =>
    index === 2 ? shown(change(structuredClone(rich) as Rich), { "image/png": { width: 900 } }) : output,
  );
}

/** The outputs with a change to the text of both the printed and the rich output. */
function withText(before: string, after: string): Output[] {
  expect(text).toContain(before);
  return [printed(text.replace(before, after)), ...honest.slice(1)];
}

function withForm(form: keyof typeof rich, before: string, after: string): Output[] {
  return withRich((data) => {
    const saved = JSON.stringify(data[form]);
    const [old, fresh] = [before, after].map((part) => JSON.stringify(part).slice(1, -1)) as [string, string];
    expect(saved).toContain(old);
    return { ...data, [form]: JSON.parse(saved.replace(old, fresh)) };
  });
}

function withFigure(before: string, after: string): Output[] {
  return withRich((data) => {
    const saved = JSON.stringify(data[plotly]);
    expect(saved).toContain(before);
    return { ...data, [plotly]: JSON.parse(saved.replace(before, after)) };
  });
}

function withOutput(index: number, ...outputs: Output[]): Output[] {
  return [...honest.slice(0, index), ...outputs, ...honest.slice(index + 1)];
}

const planted: readonly (readonly [string, () => Output[]])[] = [
  ["a printed number", () => withText("auc 0.71", "auc 0.91")],
  ["a printed count", () => withText("1,000", "9,000")],
  ["minutes", () => withText("12.5 minutes", "99.5 minutes")],
  ["days", () => withText("3 days", "30 days")],
  ["text before a carriage return", () => withText("50%\r", "AUC 0.99\r")],
  ["text overwritten by a carriage return", () => withText("10%\r50%\r", "")],
  ["digits in a path", () => withText("/data/2024/", "/data/2025/")],
  ["a folder of a path", () => withText("/data/2024/", "/other/")],
  ["the number of a file", () => withText("run-7", "run-8")],
  ["a column named duration", () => withText("12.0  0.71", "99.0  0.71")],
  ["a key that ends in _s", () => withText("loss_s: 0.5", "loss_s: 0.1")],
  ["a key named as a rate", () => withText("'rows/s': 800", "'rows/s': 900")],
  ["a key named seconds", () => withText("seconds: 3", "seconds: 4")],
  ["a date", () => withText("2026-01-02T03", "2026-01-03T03")],
  ["a date of today", () => withText("2026-01-02T03:04:05Z", new Date().toISOString())],
  ["white space", () => withText("  indented", "indented")],
  ["a rule's length", () => withText("────────  ────", "──────  ────")],
  ["a line end", () => withText("indented\n", "indented")],
  ["a line", () => withText("done\n", "done\nAUC 0.99\n")],
  ["a warning that is gone", () => withOutput(1)],
  ["another warning", () => withOutput(1, printed("warning: 0 rows\n", "stderr"))],
  ["a stream of another name", () => [...honest, printed("AUC 0.99", "stdlog")]],
  ["a stream without a name", () => [...honest, printed("AUC 0.99", "")]],
  ["a stream renamed", () => withOutput(1, printed("warning: 3 rows\n", "other"))],
  ["a stream named like an object's property", () => [...honest, printed("AUC 0.99", "constructor")]],
  ["a picture beside a figure", () => withForm("image/png", "iVBORw0KGgoAAAAN", "iVBORw0KGgoBBBBN")],
  ["a picture beside a figure that is gone", () => withRich(({ "image/png": _, ...data }) => data)],
  ["a second picture", () => withRich((data) => ({ ...data, "image/jpeg": "AAAA" }))],
  ["a small number of an array with a large one", () => withFigure("[0.71,1000000", "[0.29,1000000")],
  ["a tiny number", () => withRich((data) => ({ ...data, "application/json": { ...json, tiny: [2e-9, 5] } }))],
  ["a gap of an array", () => withFigure("1000000,null", "1000000,0.9")],
  ["values along an axis of seconds", () => withFigure('"x":[1,2,3]', '"x":[1,2,9]')],
  ["values along an axis of watch minutes", () => withFigure('"y":[1,0]', '"y":[0,1]')],
  ["a title's minutes", () => withFigure("12.5 minutes", "99.5 minutes")],
  ["a title's number", () => withFigure("AUC 0.71", "AUC 0.99")],
  ["an axis' title", () => withFigure("watch minutes", "watched hours")],
  ["a range of an axis", () => withFigure("[0,3]", "[0,9]")],
  ["an annotation", () => withFigure("better by 0.02", "better by 0.2")],
  ["a note in a figure's meta", () => withFigure("n = 100", "n = 999")],
  ["a click's channel that is not one", () => withFigure('"note":"n = 100"', '"note":"n = 100","clicks":"x"')],
  ["a trace that is hidden", () => withFigure('"name":"watch"', '"name":"watch","visible":false')],
  ["a figure's config", () => withFigure('"displaylogo":false', '"displaylogo":true')],
  ["text in custom data", () => withFigure('["b",2]', '["c",2]')],
  ["days in HTML", () => withForm("text/html", "3 days", "30 days")],
  ["an HTML column named duration", () => withForm("text/html", "<td>12</td>", "<td>99</td>")],
  ["a picture in HTML", () => withForm("text/html", "base64,AAAA", "base64,BBBB")],
  ["a link in HTML", () => withForm("text/html", "https://a.org/1", "https://a.org/2")],
  ["HTML added", () => withForm("text/html", "more</a>", "more</a><h1>AUC 0.99</h1>")],
  ["a bar of an SVG", () => withForm("image/svg+xml", 'height="12"', 'height="99"')],
  ["seconds in Markdown", () => withForm("text/markdown", "5 s", "9 s")],
  ["LaTeX", () => withForm("text/latex", "0.71", "0.99")],
  ["a JSON key that ends in _s", () => withRich((data) => ({ ...data, "application/json": { ...json, loss_s: 0.1 } }))],
  [
    "a nested JSON key named elapsed",
    () => withRich((data) => ({ ...data, "application/json": { ...json, nested: [{ elapsed: 9, ok: true }] } })),
  ],
  [
    "a key number named time",
    () => withRich((data) => ({ ...data, "application/vnd.example.numbers+json": { auc: 0.71, time: 9 } })),
  ],
  [
    "a key number",
    () => withRich((data) => ({ ...data, "application/vnd.example.numbers+json": { auc: 0.99, time: 2 } })),
  ],
  ["an added form", () => withRich((data) => ({ ...data, "text/x-note": "AUC 0.99" }))],
  [
    "marks of times that only the file has",
    () => withRich((data) => ({ ...data, "application/vnd.pepnet.times+json": { title: [[0, 900]] } })),
  ],
  [
    "an added widget view",
    () => withRich((data) => ({ ...data, [view]: { version_major: 2, version_minor: 0, model_id: "m" } })),
  ],
  ["an added output", () => [...honest, shown({ "text/plain": "AUC 0.99" })]],
  ["a result shown as display", () => withOutput(3, shown({ "text/plain": "0.71" }))],
  ["a display's metadata", () => withOutput(2, shown(rich, { "image/png": { width: 90 } }))],
  ["an error's message", () => withOutput(4, { ...failure, evalue: "line 2: no value" })],
  ["an error's traceback", () => withOutput(4, { ...failure, traceback: ["AUC 0.99"] })],
  ["an error instead of a result", () => withOutput(3, failure)],
  ["outputs of a cell without any", () => []],
];

describe("a planted change is found", () => {
  it("in more than 38 ways, and the honest outputs are the same", async () => {
    expect(planted.length).toBeGreaterThan(38);
    expect(await compared(honest, structuredClone(honest))).toEqual({ differences: [], ignored: [] });
  });

  it.each(planted)("%s", async (_, plant) => {
    const outputs = plant();
    expect(outputs).not.toEqual(honest);
    const { differences, ignored } = await compared(outputs, honest);
    expect(differences.length).toBeGreaterThan(0);
    expect(ignored).toEqual([]);
  });
});

describe("a widget's view", () => {
  const slider = (value: number, note?: string): object => ({ model_name: "FloatSliderModel", state: { value, note } });
  const box = (...children: string[]): object => ({ model_name: "HBoxModel", state: { children } });
  const shows = (model_id: string): Output[] => [shown({ [view]: { model_id }, "text/plain": "slider" })];

  it("is the same under another id, and differs by the state that it shows", async () => {
    const widgets = (value: number) => ({
      recorded: { a: box("IPY_MODEL_b", "IPY_MODEL_c"), b: slider(1), c: slider(2) },
      now: { x: box("IPY_MODEL_y", "IPY_MODEL_z"), z: slider(2), y: slider(value) },
    });
    expect(await compared(shows("a"), shows("x"), { widgets: widgets(1) })).toEqual({ differences: [], ignored: [] });
    const { differences } = await compared(shows("a"), shows("x"), { widgets: widgets(9) });
    expect(differences).toEqual([`${view} state[1].state.value number`]);
  });

  it("differs by a saved state of a model that this run does not show, even if models refer to each other", async () => {
    const loop = { a: box("IPY_MODEL_b"), b: box("IPY_MODEL_a") };
    const { differences } = await compared(shows("a"), shows("x"), {
      widgets: { recorded: loop, now: { x: slider(1) } },
    });
    expect(differences.length).toBeGreaterThan(0);
    const chain = Object.fromEntries(
      Array.from({ length: 3000 }, (_, index) => [
        `m${index}`,
        box(`IPY_MODEL_m${index + 1}`, `IPY_MODEL_m${index + 1}`),
      ]),
    );
    const same = await compared(shows("m0"), shows("m0"), { widgets: { recorded: chain, now: chain } });
    expect(same.differences).toEqual([]);
  });

  it("without a saved state shows only its text, and this is listed", async () => {
    const { differences, ignored } = await compared(shows("a"), shows("x"), {
      widgets: { recorded: {}, now: { x: slider(1) } },
    });
    expect(differences).toEqual([]);
    expect(ignored).toEqual([{ output: 1, form: view, where: "state", recorded: "not saved", now: "1 models" }]);
  });

  it("ignores the channel of clicks of a figure, which is new in each run", async () => {
    const clicks = (channel: string): Output[] => [
      shown({ [plotly]: { data: [], layout: { meta: { clicks: channel } } } }),
    ];
    const [a, b] = ["0b0f6e0e-3c3b-4a8e-9d6c-0a1b2c3d4e5f", "1b0f6e0e-3c3b-4a8e-9d6c-0a1b2c3d4e5f"];
    const { differences, ignored } = await compared(clicks(a), clicks(b));
    expect(differences).toEqual([]);
    expect(ignored).toEqual([{ output: 1, form: plotly, where: "layout.meta.clicks", recorded: a, now: b }]);
    expect((await compared(clicks("AUC 0.99"), clicks(b))).differences).toEqual([`${plotly} layout.meta.clicks text`]);
  });
});

/** Sliders and other widgets, by the messages that a front end exchanges with the kernel. */
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { Conversation } from "./conversation.js";
import { WidgetFrontEnd } from "./widget-front-end.js";

const viewType = "application/vnd.jupyter.widget-view+json";
const often = { interval: 5 };

let talk: Conversation;
let page: WidgetFrontEnd;
beforeAll(async () => {
  talk = await Conversation.start();
  page = await WidgetFrontEnd.start(talk.kernel);
});
afterAll(async () => {
  page.close();
  await talk.end();
});

describe("a slider", () => {
  it("opens its models as messages about the running cell, and shows a view and its state as text", async () => {
    const heard = await talk.run(
      'const gamma = slider({ min: 0, max: 4, step: 0.1, value: 2, label: "gamma" });\ngamma',
    );
    expect(heard.types).toEqual(["execute_input", "comm_open", "comm_open", "comm_open", "execute_result"]);
    const opened = heard.all("comm_open").at(-1);
    expect(opened).toMatchObject({
      target_name: "jupyter.widget",
      data: {
        state: {
          _model_module: "@jupyter-widgets/controls",
          _model_name: "FloatSliderModel",
          _view_name: "FloatSliderView",
          value: 2,
          min: 0,
          max: 4,
          description: "gamma",
          readout_format: ".1f",
        },
        buffer_paths: [],
      },
    });
    const { layout, style } = opened.data.state;
    const ids = heard.all("comm_open").map(({ comm_id }) => `IPY_MODEL_${comm_id}`);
    expect(ids).toEqual([layout, style, `IPY_MODEL_${opened.comm_id}`]);
    expect(heard.all("execute_result")[0].data).toEqual({
      [viewType]: { version_major: 2, version_minor: 0, model_id: opened.comm_id },
      "text/html": "<div>gamma: 2 (0 to 4)</div>",
      "text/plain": "gamma: 2 (0 to 4)",
    });
    expect(page.messages.find(({ header }) => header.msg_type === "comm_open")?.metadata).toEqual({ version: "2.1.0" });
  });

  it("has the value that the user chose, typed as a number, and echoes it to other windows", async () => {
    await talk.run("gamma.onChange((value) => console.log('now', value.toFixed(2)));");
    const id = await page.change(await page.model({ description: "gamma", max: 4 }), { value: 1.5 });
    await expect.poll(() => page.all("stream").at(-1)?.text, often).toBe("now 1.50\n");
    expect((await talk.run("gamma.value + 1")).text).toBe("2.5");
    const echo = page.messages.find(({ parent, header }) => parent.msg_id === id && header.msg_type === "comm_msg");
    expect(echo?.content.data).toEqual({ method: "echo_update", state: { value: 1.5 }, buffer_paths: [] });
  });

  it("moves when code sets its value, and refuses a value outside its range", async () => {
    await talk.run("gamma.value = 3;");
    await expect.poll(async () => (await page.model({ description: "gamma", max: 4 })).state["value"], often).toBe(3);
    const failed = await talk.run("gamma.value = 9;");
    expect(failed.traceback).toContain("a number from 0 to 4");
    expect((await talk.run("gamma.value")).text).toBe("3");
  });

  it("takes the sums of steps that the front end sends as the values that they stand for", async () => {
    await page.change(await page.model({ description: "gamma", max: 4 }), { value: 0.30000000000000004 });
    await expect.poll(async () => (await talk.run("gamma.value")).text, often).toBe("0.3");
    await page.change(await page.model({ description: "gamma", max: 4 }), { value: 2.9999999999999996 });
    await expect.poll(async () => (await talk.run("gamma.value")).text, often).toBe("3");
  });

  it("ignores what is not a number in its range", async () => {
    const model = await page.model({ description: "gamma", max: 4 });
    for (const value of ["1", 99, null, { toString: 1 }]) await page.change(model, { value });
    await page.send("comm_msg", { comm_id: model.id, data: { method: "update" } });
    expect((await talk.run("gamma.value")).text).toBe("3");
  });

  it("reports all contradictions of its options at once", async () => {
    const failed = await talk.run("slider({ min: 4, max: 0, step: 0 })");
    expect(failed.traceback).toContain("not larger than min");
    expect(failed.traceback).toContain("not positive");
  });
});

describe("messages of the front end", () => {
  it("are answered while a cell awaits", async () => {
    await talk.run("const fast = slider({ min: 0, max: 10, label: 'fast' }); fast");
    const code = `const moved = new Promise<void>((go) => fast.onChange((value) => value === 7 && go()));
      console.log("waiting"); await moved; fast.value`;
    const long = talk.run(code);
    await expect.poll(() => page.all("stream").at(-1)?.text, often).toBe("waiting\n");
    await page.change(await page.model({ description: "fast" }), { value: 7 });
    expect((await long).text).toBe("7");
  });

  it("change the outputs of a widget on a page of Voilà, which takes no updates of displays", async () => {
    const shown = await talk.run(`process.env.SERVER_SOFTWARE = "voila/0.5.13";
const there = slider({ min: 0, max: 9, step: 1, value: 2, label: "there" });
const followed = live(there, (value) => "there is " + value);
followed`);
    await talk.run("delete process.env.SERVER_SOFTWARE;");
    const outputs = (text: string) => [{ output_type: "display_data", data: { "text/plain": text }, metadata: {} }];
    const area = shown.all("comm_open").find(({ data }) => data.state._model_name === "OutputModel");
    expect(area.data.state).toMatchObject({
      _model_module: "@jupyter-widgets/output",
      outputs: outputs("'there is 2'"),
    });
    expect(shown.all("display_data").at(-1).data).toMatchObject({
      [viewType]: { model_id: area.comm_id },
      "text/plain": "'there is 2'",
    });
    await page.change(await page.model({ description: "there" }), { value: 7 });
    const last = () =>
      page
        .all("comm_msg")
        .filter(({ comm_id }) => comm_id === area.comm_id)
        .at(-1)?.data.state.outputs;
    await expect.poll(last, often).toMatchObject(outputs("'there is 7'"));
  });

  it("for all states at once, by a page that is reloaded, bring every model", async () => {
    await page.send("comm_open", { comm_id: "control", target_name: "jupyter.widget.control", data: {} });
    await page.send("comm_msg", { comm_id: "control", data: { method: "request_states" } });
    await expect.poll(() => page.all("comm_msg").at(-1)?.data.method, often).toBe("update_states");
    const { states } = page.all("comm_msg").at(-1).data;
    const { id } = await page.model({ description: "fast" });
    expect(states[id]).toMatchObject({ model_name: "FloatSliderModel", state: { value: 7 } });
    const { reply } = await talk.send("comm_info_request", { target_name: "jupyter.widget" });
    expect(Object.keys(reply.comms)).toEqual(expect.arrayContaining(Object.keys(states)));
    await page.send("comm_msg", { comm_id: id, data: { method: "request_state" } });
    await expect.poll(() => page.all("comm_msg").at(-1)?.data.state.value, often).toBe(7);
  });

  it("for a widget of a kernel before a restart end in a closed comm", async () => {
    await page.send("comm_msg", { comm_id: "gone", data: { method: "update", state: {} } });
    await expect.poll(() => page.all("comm_close").at(-1)?.comm_id, often).toBe("gone");
  });

  it("whose handler throws are reported below the widget's cell, with the line", async () => {
    await talk.run(
      "const bad = button({ label: 'bad' });\nbad.onClick(() => {\n  throw new RangeError('no');\n});\nbad",
    );
    await page.send("comm_msg", {
      comm_id: (await page.model({ description: "bad" })).id,
      data: { method: "custom", content: { event: "click" } },
    });
    await expect.poll(() => page.all("stream").at(-1)?.text, often).toMatch(/RangeError.*: no\n.*line 3, column/);
  });

  it("whose handler never returns are ended by an interrupt; the notebook lives", async () => {
    await talk.run(`
      import { writeFileSync } from "node:fs";
      const loop = button({ label: 'loop' });
      loop.onClick(() => { writeFileSync("looping", ""); for (;;); });
      loop`);
    await page.send("comm_msg", {
      comm_id: (await page.model({ description: "loop" })).id,
      data: { method: "custom", content: { event: "click" } },
    });
    await talk.written("looping");
    talk.kernel.interrupt();
    await talk.send("comm_info_request", {}); // answered once the loop is ended
    expect((await talk.run("'alive'")).text).toBe("'alive'");
  });
});

describe("other controls", () => {
  it("have typed values", async () => {
    const code = `const task = select({ options: ["ctr", "cvr"], value: "cvr", label: "task" });
      const log = toggle({ label: "log" });
      const name = text({ label: "name", value: "a" });
      column(row(task, log), name)`;
    const heard = await talk.run(code);
    expect(heard.text).toBe("task: cvr\nlog: off\nname: a");
    await page.change(await page.model({ description: "task" }), { index: 0 });
    await page.change(await page.model({ description: "log" }), { value: true });
    await page.change(await page.model({ description: "name" }), { value: "<b>" });
    const typed = "const t: 'ctr' | 'cvr' = task.value; const l: boolean = log.value; const n: string = name.value;";
    const values = async (): Promise<string | undefined> => (await talk.run(`${typed} [t, l, n]`)).text;
    await expect.poll(values, often).toBe("[ 'ctr', true, '<b>' ]"); // cells come by another socket
    expect((await talk.run("name")).all("execute_result")[0].data["text/html"]).toBe("<div>name: &lt;b&gt;</div>");
    expect((await talk.run("task.value = 'other';")).reply.status).toBe("error");
  });

  it("may be a module of one's own, which shares bytes", async () => {
    await talk.run(`import { anywidget } from "pepnet/widgets";
      const own = anywidget({ module: "export default { render() {} }", state: { count: 1, bytes: new Uint8Array([1, 2]) } });
      own.onChange(({ count, bytes }) => console.log(count, [...bytes]));
      own`);
    const model = await page.model({ _model_module: "anywidget" });
    const opened = page.messages.find(({ content }) => content.comm_id === model.id);
    expect(opened?.content.data.buffer_paths).toEqual([["bytes"]]);
    expect([...opened!.buffers![0]!]).toEqual([1, 2]);
    const data = { method: "update", state: { count: 2, bytes: null }, buffer_paths: [["bytes"]] };
    await page.send("comm_msg", { comm_id: model.id, data }, [Buffer.from([7, 8, 9])]);
    await expect.poll(() => page.all("stream").at(-1)?.text, often).toBe("2 [ 7, 8, 9 ]\n");
  });

  it("leave their names to variables", async () => {
    expect((await talk.run("const row = 3, text = 'a', select = 1; [row, text, select]")).text).toBe("[ 3, 'a', 1 ]");
  });
});

describe("a live output", () => {
  it("shows its inputs and the result, and replaces the result when an input moves", async () => {
    const code = `const a = slider({ min: 0, max: 9, label: "a" }); const b = toggle({ label: "b" });
      live({ a, b }, ({ a, b }) => \`\${a * 2} \${b}\`)`;
    const heard = await talk.run(code);
    expect(heard.types.filter((type) => type !== "comm_open")).toEqual([
      "execute_input",
      "display_data",
      "display_data",
    ]);
    const [inputs, output] = heard.all("display_data");
    expect(inputs.data).toHaveProperty([viewType]);
    expect(output.data).toEqual({ "text/plain": "'0 false'" });
    await page.change(await page.model({ description: "a" }), { value: 4 });
    await page.change(await page.model({ description: "b" }), { value: true });
    await expect.poll(() => page.all("update_display_data").at(-1)?.data["text/plain"], often).toBe("'8 true'");
    expect(page.all("update_display_data").at(-1).transient).toEqual(output.transient);
  });

  it("skips to the newest input where computing is slow", async () => {
    await talk.run(`let rounds = 0; const s = slider({ min: 0, max: 100, label: "s" });
      const slow = live(s, async (value) => { rounds++; await new Promise((go) => setTimeout(go, 60)); return value; }); slow`);
    for (let value = 1; value <= 50; value++) await page.change(await page.model({ description: "s" }), { value });
    await expect.poll(() => page.all("update_display_data").at(-1)?.data["text/plain"], often).toBe("50");
    expect(Number((await talk.run("rounds")).text)).toBeLessThan(10);
  });

  it("shows the error of its computation, and goes on", async () => {
    await talk.run(`const e = slider({ min: 0, max: 9, label: "e" });
      live(e, (value) => { if (value === 1) throw new RangeError("one"); return value; })`);
    await page.change(await page.model({ description: "e" }), { value: 1 });
    await expect.poll(() => page.all("update_display_data").at(-1)?.data["text/plain"], often).toBe("RangeError: one");
    await page.change(await page.model({ description: "e" }), { value: 2 });
    await expect.poll(() => page.all("update_display_data").at(-1)?.data["text/plain"], often).toBe("2");
  });
});

/**
 * What VS Code's Jupyter extension does otherwise than JupyterLab, as messages: it runs Python of its own silently, in
 * every kernel, asks for widgets, and may interrupt by message.
 */
import { afterAll, beforeAll, expect, it } from "vitest";
import { Conversation } from "./conversation.js";

let talk: Conversation;
beforeAll(async () => {
  talk = await Conversation.start();
});
afterAll(() => talk.end());

const itsPython = `import builtins as _VSCODE_builtins
def _VSCODE_getVariable(what, *args):
    pass`;

it("silent Python is answered with an error, shows nothing, and counts nothing", async () => {
  const before = (await talk.run("'cell'")).reply.execution_count;
  const silent = await talk.run(itsPython, { silent: true, store_history: false });
  expect(silent.reply.status).toBe("error");
  expect(silent.types).toEqual([]);
  const after = await talk.run("'cell'");
  expect([after.reply.execution_count, after.text]).toEqual([before + 1, "'cell'"]);
});

it("silent Python between queued cells does not abort them", async () => {
  const cells = [
    talk.run("await new Promise((go) => setTimeout(go, 50)); 1"),
    talk.run(itsPython, { silent: true, store_history: false, stop_on_error: true }),
    talk.run("2"),
    talk.run("3"),
  ];
  const statuses = (await Promise.all(cells)).map(({ reply }) => reply.status);
  expect(statuses).toEqual(["ok", "error", "ok", "ok"]);
});

it("a widget's comm is closed at once, and messages to it are passed over", async () => {
  talk.kernel.request("comm_msg", { comm_id: "gone", data: {} }).reply.catch(() => {});
  const closed = await new Promise<string>((resolve) => {
    const open = { comm_id: "widgets", target_name: "jupyter.widget.control", data: {} };
    const exchange = talk.kernel.request("comm_open", open, ({ header, content }) => {
      if (header.msg_type === "comm_close") resolve(content.comm_id);
    });
    exchange.reply.catch(() => {});
  });
  expect(closed).toBe("widgets");
  // A page complains of a second close: its widget manager asks for states before it hears of the first.
  const types: string[] = [];
  const asked = { comm_id: "widgets", data: { method: "request_states" } };
  talk.kernel.request("comm_msg", asked, ({ header }) => types.push(header.msg_type)).reply.catch(() => {});
  await talk.run("1");
  expect(types).toEqual(["status", "status"]);
  expect((await talk.run("'alive'")).text).toBe("'alive'");
});

it("an interrupt by message ends a cell that awaits, and an idle kernel answers it too", async () => {
  const running = talk.run("const kept = 1; await new Promise(() => {});");
  // Behind the cell in the queue would be too late: it comes by the control channel.
  await talk.send("comm_info_request", {});
  await talk.kernel.request("interrupt_request", {}, undefined, "control").reply;
  expect((await running).all("error")[0]).toMatchObject({ ename: "Interrupted" });
  expect((await talk.run("kept")).text).toBe("1");
  const idle = await talk.kernel.request("interrupt_request", {}, undefined, "control").reply;
  expect(idle.content.status).toBe("ok");
});

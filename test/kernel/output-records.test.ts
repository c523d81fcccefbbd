/** What a kernel remembers of its cells' outputs for a page that was closed meanwhile. */
import { expect, test } from "vitest";
import { missedOutputs, OutputRecords } from "../../src/kernel/process/output-records.js";
import { header, type Message } from "../../src/kernel/wire.js";

/** Runs of cells of one page at times that the test sets. */
function kernel() {
  const clock = { now: 0 };
  const records = new OutputRecords(() => clock.now);
  let count = 0;
  const run = (id: string, code = "code", metadata: object = { cellId: id }) => {
    const request = { header: header("execute_request", "page 1"), metadata } as unknown as Message;
    const send = (type: string, content: object, bytes = 10) => records.note(request, type, content, bytes);
    send("execute_input", { code, execution_count: ++count });
    const end = (at: number) => {
      clock.now = at;
      send("status", { execution_state: "idle" });
    };
    return { request, send, end };
  };
  const shown = (id: string, since = 0) => records.after(since, [{ id, code: "code" }])[0];
  return { records, run, shown, clock };
}

const display = (id: string, text: string) => ({
  data: { "text/plain": text },
  metadata: {},
  transient: { display_id: id },
});

test("outputs are those that a page would hold: streams joined, displays in their last state, results, errors", () => {
  const { run, shown } = kernel();
  const { send, end } = run("a");
  send("stream", { name: "stdout", text: "one\n" });
  send("stream", { name: "stdout", text: "two\n" });
  send("stream", { name: "stderr", text: "three\n" });
  send("display_data", display("d", "21 s left"));
  send("update_display_data", display("d", "Trained"));
  send("update_display_data", display("of another kernel", "?"));
  send("execute_result", { data: { "text/plain": "42" }, metadata: {}, execution_count: 1 });
  send("error", { ename: "E", evalue: "e", traceback: [] });
  end(100);
  expect(shown("a")).toEqual({
    id: "a",
    execution_count: 1,
    request: expect.any(String),
    session: "page 1",
    isRunning: false,
    outputs: [
      { output_type: "stream", name: "stdout", text: "one\ntwo\n" },
      { output_type: "stream", name: "stderr", text: "three\n" },
      { output_type: "display_data", data: { "text/plain": "Trained" }, metadata: {} },
      { output_type: "execute_result", data: { "text/plain": "42" }, metadata: {}, execution_count: 1 },
      { output_type: "error", ename: "E", evalue: "e", traceback: [] },
    ],
  });
});

test("only cells that ended after the file was saved, or run, and have the same code", () => {
  const { run, shown, records } = kernel();
  const first = run("a");
  expect(shown("a", 1e9)).toMatchObject({ isRunning: true, request: first.request.header.msg_id });
  first.end(100);
  expect(shown("a", 99)).toBeDefined();
  expect(shown("a", 100)).toBeUndefined();
  expect(records.after(0, [{ id: "a", code: "another" }])).toEqual([]);
  expect(shown("b")).toBeUndefined();
});

test("an output of a callback after the end of its cell counts as a later end", () => {
  const { run, shown, clock } = kernel();
  const { send, end } = run("a");
  end(100);
  clock.now = 200;
  send("stream", { name: "stdout", text: "late\n" });
  expect(shown("a", 150)?.outputs).toHaveLength(1);
});

test("a cell that runs again forgets its outputs, and late ones of the run before", () => {
  const { run, shown } = kernel();
  const first = run("a");
  first.send("display_data", display("d", "old"));
  const second = run("a");
  first.send("stream", { name: "stdout", text: "late\n" });
  second.send("display_data", display("e", "new"));
  first.send("update_display_data", display("d", "older"));
  expect(shown("a")?.outputs).toEqual([{ output_type: "display_data", data: { "text/plain": "new" }, metadata: {} }]);
});

test("clear_output clears now, or with the next output", () => {
  const { run, shown } = kernel();
  const { send } = run("a");
  send("stream", { name: "stdout", text: "one" });
  send("clear_output", { wait: true });
  expect(shown("a")?.outputs).toHaveLength(1);
  send("stream", { name: "stdout", text: "two" });
  expect(shown("a")?.outputs).toEqual([{ output_type: "stream", name: "stdout", text: "two" }]);
  send("clear_output", { wait: false });
  expect(shown("a")?.outputs).toEqual([]);
});

test("another cell updates a display, and clients without cells are not noted", () => {
  const { run, shown } = kernel();
  run("a").send("display_data", display("d", "old"));
  run("b").send("update_display_data", display("d", "new"));
  expect(shown("a")?.outputs).toMatchObject([{ data: { "text/plain": "new" } }]);
  run("c", "code", {}).send("stream", { name: "stdout", text: "of nbclient" });
  expect(shown("c")).toBeUndefined();
});

test("more than 64 MB are not kept: the earliest run is forgotten", () => {
  const { run, shown } = kernel();
  const half = 34 * 2 ** 20;
  run("a").send("stream", { name: "stdout", text: "a" }, half);
  run("b").send("stream", { name: "stdout", text: "b" }, half);
  expect([shown("a"), shown("b")?.outputs.length]).toEqual([undefined, 1]);
  run("c").send("display_data", display("d", "small"), 10);
  run("e").send("update_display_data", display("d", "grown"), half);
  expect([shown("b"), shown("c")?.outputs.length]).toEqual([undefined, 1]);
  run("c").send("stream", { name: "stdout", text: "again" }, half - 10);
  run("f").send("stream", { name: "stdout", text: "f" }, half - 10);
  expect([shown("c"), shown("f")?.outputs.length]).toEqual([undefined, 1]);
});

test("a request without a time or cells is refused with what it lacks", () => {
  const { records } = kernel();
  for (const content of [
    {},
    { since: 1 },
    { since: 1, cells: [{ id: "a" }] },
    { since: "1", cells: [] },
    { since: 1, cells: [null] },
  ])
    expect(() => missedOutputs(content, records)).toThrow(/`since`, milliseconds since 1970, and `cells`/);
});

/** Jupyter's own clients, from a private Python environment; skipped where there is none (`npm test` makes it). */

import { execFileSync } from "node:child_process";
import { writeFileSync } from "node:fs";
import path from "node:path";
import { beforeAll, describe, expect, it } from "vitest";
import { packageRoot } from "../../src/core/util/files/package-root.js";
import { joinLines } from "../../src/kernel/notebook/format.js";
import { recordedProvenance, verifyNotebook } from "../../src/kernel/notebook/verify.js";
import { cell, emptyFolder, notebook, open, save } from "./notebook/notebook-files.js";
import { environmentWithKernel, python, runPython } from "./python.js";

describe.skipIf(python === null)("Jupyter's own clients (need Python 3.9 or newer)", () => {
  let env: NodeJS.ProcessEnv;
  beforeAll(async () => {
    env = await environmentWithKernel();
  });

  const tiny = notebook(
    cell("let gamma: number = 2;", "parameters"),
    cell('console.log("printed");\nawait Promise.resolve(gamma + 1)'),
  );
  const failing = notebook(...tiny.cells, cell("throw new RangeError('on purpose')"), cell("'never'"));

  function execute(folder: string, name: string, ...options: string[]): ReturnType<typeof runPython> {
    return runPython(["-m", "nbconvert", "--to", "notebook", "--execute", ...options, name], env, folder);
  }

  it("nbconvert saves what the kernel says of its surroundings, seeds and data, and `verify` reads it", async () => {
    const folder = emptyFolder();
    const git = (...args: string[]): string => execFileSync("git", args, { cwd: folder, encoding: "utf8" }).trim();
    writeFileSync(path.join(folder, "log.csv"), "user,clk\n1,0\n2,1\n3,1\n");
    git("init", "-q");
    git("add", "log.csv");
    git("-c", "user.name=test", "-c", "user.email=test@localhost", "commit", "-qm", "data");
    const split = "const { a } = await data.split({ a: 2, b: 1 }, { seed: 5 });";
    save(
      folder,
      "study.ipynb",
      notebook(cell('const data = await dataset("log.csv");'), cell(`${split}\na.rows`), cell("1")),
    );
    const { code, printed } = await execute(folder, "study.ipynb", "--output", "done.ipynb");
    expect(code, printed).toBe(0);
    const file = path.join(folder, "done.ipynb");
    const recorded = recordedProvenance(open(file));
    expect(recorded).toMatchObject({
      versions: { node: process.versions.node, tslab: "1.0.22" },
      git: { commit: git("rev-parse", "HEAD") },
      seeds: [{ use: "split", seed: 5 }],
      data: [{ name: "log.csv", bytes: 21, sha256: expect.stringMatching(/^[0-9a-f]{64}$/) }],
      machine: { platform: `${process.platform} ${process.arch}` },
    });
    expect(JSON.stringify(open(file))).not.toContain(path.basename(folder));
    expect(await verifyNotebook(file)).toMatchObject({ ok: true, environment: [] });
    writeFileSync(path.join(folder, "log.csv"), "user,clk\n1,0\n2,1\n4,1\n");
    expect((await verifyNotebook(file)).environment).toEqual([
      expect.stringMatching(/^git: .* with changes$/),
      "data: log.csv has other contents",
    ]);
  });

  it("nbconvert executes a notebook, stops with the error of a cell, and goes on where errors are allowed", async () => {
    const folder = emptyFolder();
    save(folder, "bad.ipynb", failing);
    const stopped = await execute(folder, "bad.ipynb", "--output", "stopped.ipynb");
    expect(stopped.code).toBe(1);
    expect(stopped.printed).toContain("RangeError: on purpose");
    const allowed = await execute(folder, "bad.ipynb", "--output", "allowed.ipynb", "--allow-errors");
    expect(allowed.code, allowed.printed).toBe(0);
    const cells = open(path.join(folder, "allowed.ipynb")).cells;
    expect(cells.map((each) => each.execution_count)).toEqual([1, 2, 3, 4]);
    expect(cells[1]?.outputs).toMatchObject([
      { output_type: "stream", text: ["printed\n"] },
      { output_type: "execute_result", execution_count: 2, data: { "text/plain": ["3"] } },
    ]);
    expect(cells[2]?.outputs).toMatchObject([{ output_type: "error", ename: "RangeError", evalue: "on purpose" }]);
    expect(cells[3]?.outputs).toMatchObject([{ data: { "text/plain": ["'never'"] } }]);
  });

  it("a client that requires encryption gets it, on every socket", async () => {
    const program = `
import time
from jupyter_client.manager import KernelManager
manager = KernelManager(kernel_name="pepnet", transport_encryption="required")
manager.start_kernel()
assert manager.curve_secretkey, "no keys"
client = manager.client()
client.start_channels()
client.wait_for_ready(timeout=60)
client.execute_interactive("console.log(6 * 7)", timeout=60, output_hook=lambda message: print(message["content"]))
# A beat that came more than a second late counts as none until the next one.
beating = client.hb_channel.is_beating
end = time.monotonic() + 60
while not beating() and time.monotonic() < end:
    time.sleep(0.1)
print("beats", beating())
info = dict(manager.get_connection_info())
import zmq
socket = zmq.Context.instance().socket(zmq.DEALER)
socket.linger = 0
socket.connect(f"tcp://{info['ip']}:{info['hb_port']}")
socket.send(b"ping")
print("answers without keys", socket.poll(1000) != 0)
client.stop_channels()
manager.shutdown_kernel()`;
    const { code, printed } = await runPython(["-c", program], env, emptyFolder());
    expect(code, printed).toBe(0);
    expect(printed).toContain("'text': '42\\n'");
    expect(printed).toContain("beats True");
    expect(printed).toContain("answers without keys False");
  });

  it("papermill overrides a parameter through the installed translator", async () => {
    const folder = emptyFolder();
    save(folder, "tiny.ipynb", tiny);
    const args = ["-m", "papermill", "tiny.ipynb", "out.ipynb", "-p", "gamma", "41", "--no-progress-bar"];
    const { code, printed } = await runPython(args, env, folder);
    expect(code, printed).toBe(0);
    const cells = open(path.join(folder, "out.ipynb")).cells;
    expect(joinLines(cells[1]?.source)).toContain("let gamma = 41;");
    expect(cells[2]?.outputs).toMatchObject([{}, { data: { "text/plain": ["42"] } }]);
  });

  it("asks the user for a line: by prompt, by readline, hidden; and says so where nobody can type", async () => {
    const script = `import sys
from jupyter_client.manager import start_new_kernel
manager, client = start_new_kernel(kernel_name="pepnet")
def answer(message):
    print("asked", message["content"])
    client.input("Ada")
def show(message):
    if message["msg_type"] in ("stream", "error"):
        print("said", message["content"].get("text") or message["content"]["evalue"])
for code in [
    'console.log("hello", await prompt("name? "));',
    'console.log("hello", await prompt("key? ", { password: true }));',
    'import { createInterface } from "node:readline/promises";'
    'const lines = createInterface({ input: process.stdin, output: process.stdout });'
    'console.log("read", await lines.question("line? "));',
    'await new Promise((done) => setTimeout(done, 200));',
]:
    client.execute_interactive(code, allow_stdin=True, stdin_hook=answer, output_hook=show, timeout=60)
client.execute_interactive('await prompt("name? ")', allow_stdin=False, output_hook=show, timeout=60)
client.stop_channels()
manager.shutdown_kernel()
`;
    const { code, printed } = await runPython(["-c", script], env, emptyFolder());
    expect(code, printed).toBe(0);
    const asked = printed.match(/^asked .*$/gm);
    expect(asked).toEqual([
      "asked {'prompt': 'name? ', 'password': False}",
      "asked {'prompt': 'key? ', 'password': True}",
      "asked {'prompt': '', 'password': False}",
    ]);
    expect(printed.match(/^said hello Ada$/gm)).toHaveLength(2);
    expect(printed).toMatch(/line\? [\s\S]*read Ada/);
    expect(printed).toContain("said nobody can type here");
  });

  it("jupyter_kernel_test finds nothing to complain of, and skips nothing", async () => {
    const { code, printed } = await runPython(
      [path.join(packageRoot, "test/kernel/conformance.py")],
      env,
      emptyFolder(),
    );
    expect(code, printed).toBe(0);
    expect(printed).toMatch(/Ran 1[2-9] tests/);
    expect(printed).not.toContain("skipped");
  });
});

/** A client starts its kernel, also where another program takes one of the ports that it chose. */
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import os from "node:os";
import path from "node:path";
import { expect, onTestFinished, test } from "vitest";
import { KernelClient } from "../../src/kernel/client.js";
import { kernelArgv } from "../../src/kernel/kernel-spec.js";

/** Takes a port of the first `thefts` starts before the kernel binds it. */
const thief = `
  const { appendFileSync, readFileSync } = require("node:fs");
  const [starts, thefts, file, ...command] = process.argv.slice(2);
  appendFileSync(starts, "start\\n");
  const isTaken = readFileSync(starts, "utf8").split("\\n").length - 1 <= Number(thefts);
  const run = () => require("node:child_process").spawn(command[0], [...command.slice(1), file], { stdio: "inherit" })
    .on("exit", (code) => process.exit(code ?? 1));
  if (isTaken) require("node:net").createServer().listen(JSON.parse(readFileSync(file)).control_port, "127.0.0.1", run);
  else run();
`;

async function startAmong(thefts: number): Promise<{ starts: number; answer: unknown }> {
  const folder = mkdtempSync(path.join(os.tmpdir(), "pepnet-thief-"));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  const [program, starts] = [path.join(folder, "thief.cjs"), path.join(folder, "starts")];
  writeFileSync(program, thief);
  const words = kernelArgv.filter((part) => part !== "{connection_file}");
  const argv = [process.execPath, program, starts, String(thefts), "{connection_file}", ...words];
  const answer = await KernelClient.start({ argv }).then(
    async (kernel) => {
      const { reply } = kernel.execute("6 * 7");
      const { status } = (await reply).content;
      await kernel.shutDown();
      return status;
    },
    (error: Error) => error.message,
  );
  return { starts: readFileSync(starts, "utf8").split("\n").length - 1, answer };
}

test("a kernel whose port was taken in between starts again on others", async () => {
  expect(await startAmong(2)).toEqual({ starts: 3, answer: "ok" });
});

test("where every start loses a port the error says so", async () => {
  const { starts, answer } = await startAmong(100);
  expect(starts).toBe(4);
  expect(answer).toMatch(/the kernel ended unexpectedly \(exit code 1\).*Address (already )?in use/s);
});

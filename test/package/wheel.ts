/** A wheel of this repository as it was compiled last (`dist`), and a session with its kernel, for tests. */
import { execFileSync } from "node:child_process";
import { readdirSync } from "node:fs";
import path from "node:path";

const root = path.resolve(__dirname, "../..");

/** Writes the wheel into the folder and returns its name. */
export function buildWheel(folder: string, ...options: readonly string[]): string {
  execFileSync(process.execPath, [path.join(root, "scripts/wheel.mjs"), "--output", folder, ...options], { cwd: root });
  return readdirSync(folder).find((name) => name.endsWith(".whl"))!;
}

/** What a notebook's front end does: start the kernel by its name, run cells, interrupt. */
export const session: string = `
import json, sys, threading
from jupyter_client.manager import start_new_kernel
manager, client = start_new_kernel(kernel_name="pepnet", startup_timeout=60)
def run(code):
    texts = []
    def collect(message):
        content = message["content"]
        texts.extend([content["text"]] if "text" in content else sorted(content.get("data", {})))
    reply = client.execute_interactive(code, timeout=60, output_hook=collect)["content"]
    return [reply["status"], *texts, reply.get("ename")]
results = [run(code) for code in json.loads(sys.argv[1])]
threading.Timer(1, manager.interrupt_kernel).start()
results.append(run("while (true) {}"))
manager.shutdown_kernel()
print(json.dumps(results))
`;

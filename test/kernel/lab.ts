/** A JupyterLab server and a browser on it, for tests; what both need and where screenshots go. */
import { type ChildProcess, spawn } from "node:child_process";
import { existsSync, mkdirSync } from "node:fs";
import net from "node:net";
import path from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { type Browser, chromium, type Page } from "playwright-core";
import { packageRoot } from "../../src/kernel/paths.js";
import { environmentWithKernel, python } from "./python.js";

const chromiumPath = process.env["PEPNET_CHROMIUM"] ?? "/usr/bin/chromium";
const flags =
  "--no-sandbox --disable-gpu --disable-quic --no-first-run --disable-background-networking --disable-component-update --disable-sync";

/** Whether this machine has what a browser test needs. */
export const canRunLab: boolean = python !== null && existsSync(chromiumPath);

/** JupyterLab on a folder, looked at with a browser. */
export class Lab {
  /** Errors that the page's own scripts did not catch. */
  readonly pageErrors: string[] = [];

  private constructor(
    readonly page: Page,
    private readonly browser: Browser,
    private readonly server: ChildProcess,
    private readonly address: string,
  ) {
    page.on("pageerror", (error) => this.pageErrors.push(error.message));
  }

  /** Starts both. */
  static async start(folder: string, viewport: { width: number; height: number }): Promise<Lab> {
    const port = await freePort();
    const options = [`--port=${port}`, "--no-browser", "--allow-root", "--IdentityProvider.token="];
    const args = ["-m", "jupyterlab", ...options, `--ServerApp.root_dir=${folder}`];
    const server = spawn(python as string, args, { env: await environmentWithKernel(), stdio: "ignore", cwd: folder });
    const browser = await chromium.launch({ executablePath: chromiumPath, args: flags.split(" ") });
    const lab = new Lab(await browser.newPage({ viewport }), browser, server, `http://127.0.0.1:${port}`);
    await answers(`${lab.address}/api`);
    return lab;
  }

  /** Opens a notebook and waits for its kernel: Run All while there is none does nothing and says nothing. */
  async open(name: string): Promise<void> {
    await this.page.goto(`${this.address}/lab/tree/${name}?reset`);
    await this.page.locator(".jp-Toolbar-kernelName", { hasText: "TypeScript (PEPNet)" }).waitFor({ timeout: 40_000 });
  }

  /** Run > Run All Cells. */
  async runAll(): Promise<void> {
    await this.page.getByRole("menuitem", { name: "Run", exact: true }).click();
    await this.page.getByRole("menuitem", { name: "Run All Cells", exact: true }).click();
  }

  /** Saves a picture as build output. */
  async screenshot(name: string): Promise<void> {
    const folder = path.join(packageRoot, "out", "screenshots");
    mkdirSync(folder, { recursive: true });
    await this.page.screenshot({ path: path.join(folder, name) });
  }

  async end(): Promise<void> {
    await this.browser.close();
    this.server.kill("SIGTERM");
  }
}

async function freePort(): Promise<number> {
  const probe = net.createServer();
  await new Promise<void>((resolve) => probe.listen(0, "127.0.0.1", resolve));
  const { port } = probe.address() as net.AddressInfo;
  await new Promise((resolve) => probe.close(resolve));
  return port;
}

async function answers(url: string): Promise<void> {
  for (let tries = 0; tries < 240; tries++) {
    const response = await fetch(url).catch(() => null);
    if (response?.ok) return;
    await sleep(250);
  }
  throw new Error(`${url} does not answer`);
}

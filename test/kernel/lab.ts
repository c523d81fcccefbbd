/** A Jupyter server (JupyterLab and Notebook 7) and a browser on it, for tests; where screenshots go. */

import { type ChildProcess, spawn } from "node:child_process";
import { existsSync, mkdirSync } from "node:fs";
import net from "node:net";
import path from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { type Browser, chromium, type Locator, type Page } from "playwright-core";
import { packageRoot } from "../../src/core/util/files/package-root.js";
import { chromiumFlags, chromiumPath, patient } from "../lab/render/chromium.js";
import { environmentWithKernel, python } from "./python.js";

/** Whether this machine has what a browser test needs. */
export const canRunLab: boolean = python !== null && existsSync(chromiumPath);

declare global {
  interface Window {
    /** The parts of Lab's application that tests use. */
    jupyterapp: {
      readonly commands: { execute(id: string, options: object): Promise<unknown> };
      readonly shell: { widgets(area: "main"): Iterable<Panel> };
    };
  }
}

interface Panel {
  readonly context?: { readonly model: { dirty: boolean } };
  close(): void;
}

/** Runs in the page: closes every document without saving it. Kernels stay. */
function closeAll(): void {
  for (const panel of [...window.jupyterapp.shell.widgets("main")]) {
    if (panel.context) panel.context.model.dirty = false; // nothing to ask
    panel.close();
  }
}

/** JupyterLab on a folder, looked at with a browser. */
export class Lab {
  /** Errors that no script of the page caught. */
  readonly pageErrors: string[] = [];
  /** Those of them that come from the project's extension. */
  readonly extensionErrors: string[] = [];

  private constructor(
    readonly page: Page,
    private readonly browser: Browser,
    private readonly server: ChildProcess,
    private readonly address: string,
  ) {
    page.on("pageerror", (error) => {
      this.pageErrors.push(error.message);
      if (error.stack?.includes("pepnet-plotly")) this.extensionErrors.push(error.stack);
    });
  }

  /** Starts both. */
  static async start(folder: string, viewport: { width: number; height: number }): Promise<Lab> {
    const port = await freePort();
    const options = [`--port=${port}`, "--no-browser", "--allow-root", "--IdentityProvider.token="];
    options.push("--ServerApp.disable_check_xsrf=True"); // tests ask the server too, without the page's cookie
    // The page offers its application object to whoever tests it.
    const args = ["-m", "jupyterlab", "--expose-app-in-browser", ...options, `--ServerApp.root_dir=${folder}`];
    const server = spawn(python as string, args, { env: await environmentWithKernel(), stdio: "ignore", cwd: folder });
    const browser = await chromium.launch({ executablePath: chromiumPath, args: chromiumFlags });
    const lab = new Lab(patient(await browser.newPage({ viewport })), browser, server, `http://127.0.0.1:${port}`);
    await answers(`${lab.address}/api`);
    return lab;
  }

  /**
   * Opens a notebook, alone in JupyterLab, and waits until its kernel is idle: the toolbar names a kernel that is still
   * to come, and Run All while there is none does nothing and says nothing.
   * @param isIdle whether to wait; its kernel may be running a cell
   */
  async open(name: string, application: "lab" | "notebook" = "lab", isIdle = true): Promise<void> {
    if (application === "lab" && this.showsLab()) {
      await this.page.evaluate(closeAll); // without loading JupyterLab again, which takes seconds
      await this.page.locator(".jp-NotebookPanel").waitFor({ state: "detached" });
      await this.command("docmanager:open", { path: name });
    } else {
      await this.page.goto(this.address + (application === "lab" ? `/lab/tree/${name}?reset` : `/notebooks/${name}`));
    }
    await this.page.locator(".jp-Toolbar-kernelName", { hasText: "TypeScript (PEPNet)" }).waitFor();
    if (isIdle) await this.idle();
  }

  /** Whether the page is JupyterLab, not Notebook 7 and not empty. */
  private showsLab(): boolean {
    return this.page.url().startsWith(`${this.address}/lab/`);
  }

  /** Waits until the kernel says that it is idle. */
  async idle(): Promise<void> {
    await this.page.locator('.jp-Notebook-ExecutionIndicator[data-status="idle"]').first().waitFor();
  }

  /** The outputs of a code cell, counted from 0 over the code cells. */
  outputs(codeCell: number): Locator {
    return this.page.locator(".jp-CodeCell").nth(codeCell).locator(".jp-OutputArea-output");
  }

  /** Waits until a cell, counted so, has run under the number `count`. */
  async ran(codeCell: number, count: number, timeout = 120_000): Promise<void> {
    const prompt = this.page
      .locator(".jp-CodeCell")
      .nth(codeCell)
      .locator(".jp-InputPrompt", { hasText: `[${count}]:` });
    await prompt.waitFor({ timeout });
  }

  /** Clicks a button of the notebook's toolbar by its name there, such as `interrupt`. */
  async toolbar(name: string): Promise<void> {
    await this.page
      .locator(
        `.jp-NotebookPanel-toolbar [data-jp-item-name="${name}"] [role="button"], .jp-NotebookPanel-toolbar [data-jp-item-name="${name}"] jp-button`,
      )
      .first()
      .click();
  }

  /** Lab's own themes. */
  async theme(name: "JupyterLab Dark" | "JupyterLab Light"): Promise<void> {
    await this.command("apputils:change-theme", { theme: name });
    await this.page.locator(`body[data-jp-theme-name="${name}"]`).waitFor({ state: "attached" });
  }

  /** Executes one of Lab's commands. */
  private async command(id: string, options: object): Promise<void> {
    await this.page.evaluate(([id, options]) => window.jupyterapp.commands.execute(id, options).then(() => undefined), [
      id,
      options,
    ] as const);
  }

  /** Chooses an item of a menu. A page that is still loading may close the menu: then it is opened again. */
  async choose(menu: string, item: string): Promise<void> {
    const named = (name: string) => this.page.getByRole("menuitem", { name, exact: true });
    for (let tries = 1; ; tries++) {
      await named(menu).click();
      try {
        return await named(item).click({ timeout: 10_000 });
      } catch (error) {
        if (tries === 5) throw error;
        await this.page.keyboard.press("Escape");
      }
    }
  }

  /** Run > Run All Cells. */
  async runAll(): Promise<void> {
    await this.choose("Run", "Run All Cells");
  }

  /** Ends the kernel of a notebook, as `Shut Down Kernel` does. */
  async endKernel(name: string): Promise<void> {
    const sessions = (await (await fetch(`${this.address}/api/sessions`)).json()) as { id: string; path: string }[];
    const session = sessions.find((session) => session.path === name);
    if (!session) throw new Error(`No kernel runs for ${name}, but for ${sessions.map(({ path }) => path).join(", ")}`);
    const reply = await fetch(`${this.address}/api/sessions/${session.id}`, { method: "DELETE" });
    if (!reply.ok) throw new Error(`${name}: the kernel was not ended: ${await reply.text()}`);
  }

  /**
   * Saves the notebook. In JupyterLab, waits until it is saved: closed in the middle, it leaves a dialog above the page.
   * Notebook 7 does not offer its application object, and closes no notebook here.
   */
  async save(): Promise<void> {
    if (this.showsLab()) await this.command("docmanager:save", {});
    else await this.page.keyboard.press("Control+s");
  }

  /** Saves a picture as build output. */
  async screenshot(name: string): Promise<void> {
    await this.page.screenshot({ path: this.screenshotPath(name) });
  }

  /** Where a picture of that name is kept. */
  screenshotPath(name: string): string {
    const folder = path.join(packageRoot, "out", "screenshots");
    mkdirSync(folder, { recursive: true });
    return path.join(folder, name);
  }

  /** Another page of the same browser. */
  async newPage(viewport: { width: number; height: number }): Promise<Page> {
    return patient(await this.browser.newPage({ viewport }));
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

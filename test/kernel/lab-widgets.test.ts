/** Widgets in the real front ends: a slider that moves while a fit runs, and a notebook that is opened again. */
import { mkdirSync, mkdtempSync, rmSync } from "node:fs";
import path from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { packageRoot } from "../../src/kernel/paths.js";
import { cell, notebook, open, save } from "../notebook/notebook-files.js";
import { canRunLab, Lab } from "./lab.js";
import { training } from "./lab-notebooks.js";

const [data, fit] = training.cells;
const counter = `import { anywidget } from "pepnet";
const counter = anywidget({ module: \`export default { render({ model, el }) {
  const button = document.createElement("button");
  const show = () => { button.textContent = "count " + model.get("count"); };
  button.className = "counter";
  button.onclick = () => { model.set("count", model.get("count") + 1); model.save_changes(); };
  model.on("change:count", show); show(); el.append(button);
} }\`, state: { count: 1 } });
counter.onChange(({ count }) => { counter.set({ count: count * 10 }); });
counter`;

const cells = [
  data!,
  cell(
    `const gamma = slider({ min: 0, max: 4, step: 0.5, value: 2, label: "gamma" });
const domain = select({ options: ["student", "worker"], label: "domain" });
live({ gamma, domain }, ({ gamma, domain }) => domain + " at " + gamma)`,
  ),
  cell(counter),
  fit!,
];

describe.skipIf(!canRunLab)("widgets in the front ends (need Python and Chromium)", { timeout: 300_000 }, () => {
  let folder: string;
  let lab: Lab;
  beforeAll(async () => {
    mkdirSync(path.join(packageRoot, "out"), { recursive: true });
    folder = mkdtempSync(path.join(packageRoot, "out", "widgets-"));
    for (const name of ["lab.ipynb", "seven.ipynb"]) save(folder, name, notebook(...cells));
    lab = await Lab.start(folder, { width: 1200, height: 1000 });
  });
  afterAll(async () => {
    await lab?.end();
    rmSync(folder, { recursive: true, force: true });
  });

  it.each([
    ["lab", "lab.ipynb"],
    ["notebook", "seven.ipynb"],
  ] as const)(
    "in %s, a slider moves during a fit, and the saved notebook shows its last state",
    async (application, name) => {
      await lab.open(name, application);
      await lab.runAll();
      const running = lab.page.locator(".jp-CodeCell").nth(3).locator(".jp-InputPrompt", { hasText: "[*]" });
      await lab.outputs(3).first().waitFor({ timeout: 120_000 }); // the fit has begun
      const track = lab.page.locator(".noUi-base").first();
      await track.scrollIntoViewIfNeeded();
      const { width, height } = (await track.boundingBox())!;
      await track.click({ position: { x: width * 0.75, y: height / 2 }, force: true });
      await lab.screenshot(`widgets-${application}-moved.png`);
      await lab.outputs(1).filter({ hasText: "student at 3" }).waitFor({ timeout: 30_000 });
      await lab.page.locator(".widget-dropdown select").first().selectOption("worker");
      await lab.outputs(1).filter({ hasText: "worker at 3" }).waitFor({ timeout: 30_000 });
      await lab.page.locator("button.counter").click();
      await lab.page.locator("button.counter", { hasText: "count 20" }).waitFor({ timeout: 30_000 });
      expect(await running.count()).toBe(1);
      await lab.screenshot(`widgets-${application}.png`);
      await lab.toolbar("interrupt");
      await lab.idle();
      await lab.page.keyboard.press("Control+s");
      const file = path.join(folder, name);
      await expect
        .poll(() => JSON.stringify(open(file).metadata["widgets"] ?? ""), { timeout: 60_000 })
        .toContain('"value":3');
      expect(JSON.stringify(open(file).cells[1]?.outputs)).toContain("worker at 3");

      await lab.toolbar("restart");
      await lab.page.locator(".jp-Dialog .jp-mod-accept").click();
      await lab.idle();
      await lab.open(name, application);
      await lab.page.locator(".widget-readout", { hasText: "3.0" }).waitFor({ timeout: 60_000 });
      await lab.outputs(1).filter({ hasText: "worker at 3" }).waitFor({ timeout: 60_000 });
      await lab.screenshot(`widgets-${application}-reopened.png`);
      if (application === "lab") expect(lab.pageErrors).toEqual([]);
    },
  );
});

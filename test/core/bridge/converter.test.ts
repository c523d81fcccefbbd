/** Checkpoints of torch.distributed to safetensors and back, for real where a Python with torch is. */

import { execFile } from "node:child_process";
import { existsSync } from "node:fs";
import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import os from "node:os";
import path from "node:path";
import { afterAll, beforeAll, expect, it } from "vitest";
import { convertWeightsScript } from "../../../src/core/bridge/export.js";
import { readSafetensors } from "../../../src/core/train/saved/weights.js";
import { writeSafetensors } from "../train/saved/encoded.js";

/** The benchmarks' Python, which has torch; PEPNET_TORCH_PYTHON names another. */
const torchPython =
  process.env.PEPNET_TORCH_PYTHON ?? path.resolve(__dirname, "..", "..", "..", ".venv-bench", "bin", "python");

function python(command: string, ...args: string[]): Promise<{ code: number; text: string }> {
  return new Promise((resolve) => {
    execFile(command, args, (error, out, err) => resolve({ code: error ? Number(error.code) : 0, text: out + err }));
  });
}

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(path.join(os.tmpdir(), "pepnet-converter-"));
});
afterAll(() => rm(folder, { recursive: true }));

it("is Python that holds by itself: it is copied beside every exported model", async () => {
  const check =
    "import ast, sys; names = {a.name.split('.')[0] for n in ast.walk(ast.parse(open(sys.argv[1]).read())) if isinstance(n, ast.Import) for a in n.names}; print(*sorted(names - set(sys.stdlib_module_names)))";
  const { text } = await python("python3", "-c", check, convertWeightsScript);
  expect(text.trim()).toBe("numpy torch");
});

/** A checkpoint as TorchEasyRec lays it out: half-precision tables, counters, and what is no tensor; there and back. */
const thereAndBack = `
import os, sys, torch
import torch.distributed.checkpoint as dcp
script, folder, ours = sys.argv[1:]
sys.path.insert(0, os.path.dirname(script))
import convert_weights as convert
table = torch.arange(12, dtype=torch.float32).reshape(4, 3) / 8
average = {"model.epnet.gate_nu.dense_layers.0.weight": table.t() / 2, "__n_averaged__": torch.tensor(98)}
dcp.save(average, checkpoint_id=f"{folder}/model/model.ckpt-98/dense_ema")
for step in (9, 98):
    dcp.save({
        "model.embedding_group.emb_impls.__BASE__.ebc.embedding_bags.user_emb.weight": table.half(),
        "model.epnet.gate_nu.dense_layers.0.weight": table.t(),
        "model._task_tower.0.linear.bias": torch.tensor([float(step)]),
        "model._task_tower.0.tower_mlp.mlp.0.perceptron.1.num_batches_tracked": torch.tensor(step),
        "model.note": "text",
    }, checkpoint_id=f"{folder}/model/model.ckpt-{step}/model")
convert.to_safetensors(f"{folder}/model", f"{folder}/weights.safetensors")
convert.to_checkpoint(ours, f"{folder}/start/model.ckpt-0")
convert.to_safetensors(f"{folder}/start", f"{folder}/again.safetensors")
os.makedirs(f"{folder}/newer/model.ckpt-3/model")
for step, done in ((1, True), (2, True), (3, False)):
    os.makedirs(f"{folder}/newer/model.ckpt-{step}/model", exist_ok=True)
    open(f"{folder}/newer/model.ckpt-{step}/model/.metadata", "w").close()
    if done:
        open(f"{folder}/newer/model.ckpt-{step}/_SUCCESS", "w").close()
os.makedirs(f"{folder}/single/model.ckpt/model")
open(f"{folder}/single/model.ckpt/model/.metadata", "w").close()
print("complete", *(os.path.relpath(convert.find_checkpoint(f"{folder}/{name}"), folder) for name in ("newer", "single")))
again = dcp.FileSystemReader(f"{folder}/start/model.ckpt-0/dense_ema").read_metadata().state_dict_metadata
print("averages there", sorted(again))
convert.to_safetensors(f"{folder}/model/model.ckpt-9", f"{folder}/without.safetensors")
os.makedirs(f"{folder}/model/model.ckpt-9/dense_ema")
torch.jit.script(torch.nn.Linear(2, 2)).save(f"{folder}/scripted_model.pt")
open(f"{folder}/other.bin", "wb").write(bytes([255] * 64))
for wrong in (
    lambda: convert.to_checkpoint(ours, f"{folder}/start"),
    lambda: convert.to_safetensors(folder, ours),
    lambda: convert.to_safetensors(f"{folder}/model/model.ckpt-9", f"{folder}/half.safetensors"),
    lambda: convert.to_checkpoint(f"{folder}/scripted_model.pt", f"{folder}/x"),
    lambda: convert.to_checkpoint(f"{folder}/other.bin", f"{folder}/x"),
):
    try:
        wrong()
    except SystemExit as error:
        print(error)
`;

if (existsSync(torchPython)) {
  it("takes the newest checkpoint of a model_dir, and writes one that holds the same", async () => {
    const program = path.join(folder, "there-and-back.py");
    await writeFile(program, thereAndBack);
    const ours = path.join(folder, "ours.safetensors");
    const expected = new Map([
      ["model._task_tower.0.linear.bias", { shape: [1], data: Float32Array.of(98) }],
      [
        "model._task_tower.0.tower_mlp.mlp.0.perceptron.1.num_batches_tracked",
        { shape: [], data: Float32Array.of(98) },
      ],
      [
        "model.embedding_group.emb_impls.__BASE__.ebc.embedding_bags.user_emb.weight",
        { shape: [4, 3], data: Float32Array.from({ length: 12 }, (_, i) => i / 8) },
      ],
      [
        "model.epnet.gate_nu.dense_layers.0.weight",
        { shape: [3, 4], data: Float32Array.of(0, 3, 6, 9, 1, 4, 7, 10, 2, 5, 8, 11).map((i) => i / 8) },
      ],
      [
        "model.epnet.gate_nu.dense_layers.0.weight.ema",
        { shape: [3, 4], data: Float32Array.of(0, 3, 6, 9, 1, 4, 7, 10, 2, 5, 8, 11).map((i) => i / 16) },
      ],
    ]);
    await writeSafetensors(ours, expected);
    const { code, text } = await python(torchPython, program, convertWeightsScript, folder, ours);
    expect(code, text).toBe(0);
    expect(text).toMatch(/skipped model\.note, which is not a tensor[\s\S]*ckpt-98: 5 tensors to .*, 1 of them moving/);
    expect(text).toContain("complete newer/model.ckpt-2 single/model.ckpt\n");
    expect(text).toContain("averages there ['__n_averaged__', 'model.epnet.gate_nu.dense_layers.0.weight']");
    expect(text).toMatch(/ckpt-9: 4 tensors to .*trained weights without moving averages \(dense_ema\)/);
    expect(text).toMatch(/already exists[\s\S]*no checkpoint here[\s\S]*dense_ema: incomplete, without \.metadata/);
    expect(text).toMatch(/TorchScript or torch\.save.*\n.*other\.bin: not a safetensors file/);
    expect(await readSafetensors(path.join(folder, "weights.safetensors"))).toEqual(expected);
    // Counters, float32 in our files, are int64 in a checkpoint again.
    const [again, first] = ["again", "weights"].map((name) => readFile(path.join(folder, `${name}.safetensors`)));
    expect(await again).toEqual(await first);
  });
}

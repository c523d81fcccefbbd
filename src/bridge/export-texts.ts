/** The script and the README of an exported folder. */
import { isSequence, type ModelSpec, mostBatchRows } from "../spec/index.js";
import { markdownCode, shellPath } from "../util/text/code-text.js";
import { count } from "../util/text/format.js";

/** The values in these texts. */
export interface ExportedTexts {
  readonly spec: ModelSpec;
  readonly modelDir: string;
  readonly rows: { readonly train: number; readonly validation: number | null };
  readonly shuffled: boolean;
  /** Whether the folder also contains the original model's config. */
  readonly ownConfig: boolean;
}

/** `train.sh`. */
export function trainScript({ spec, modelDir }: ExportedTexts): string {
  return `#!/usr/bin/env bash
# Trains this folder with TorchEasyRec on 1 to N workers of one machine, and extracts the weights from its checkpoint.
#   bash train.sh [workers] [more options of tzrec.train_eval]
# Several machines: MASTER_ADDR, NNODES and NODE_RANK as of torchrun.
set -euo pipefail
cd "$(dirname "$0")"
workers=1
case "\${1:-}" in [0-9]*) workers="$1"; shift ;; esac
model=${shellPath(modelDir)}
edits=""
options=()
while [ "$#" -gt 0 ]; do
  case "$1" in
    --model_dir | --edit_config_json)
      [ "$#" -gt 1 ] || { echo "$1 needs a value" >&2; exit 2; }
      value="$2"; name="$1"; shift 2 ;;
    --model_dir=* | --edit_config_json=*) value="\${1#*=}"; name="\${1%%=*}"; shift ;;
    *) options+=("$1"); shift; continue ;;
  esac
  if [ "$name" = --model_dir ]; then model="$value"; options+=(--model_dir "$value"); else edits="$value"; fi
done
all=$((workers * \${NNODES:-1}))
# batch_size is per worker: together, the workers use the model's ${spec.training.batchSize} rows per step, or those of your edits.
batch=${spec.training.batchSize}
edits="\${edits#*[{]}"; edits="\${edits%[\\}]*}"
# An edit of model_dir comes after the option, as in TorchEasyRec.
place='"model_dir"[[:space:]]*:[[:space:]]*"([^"]*)"'
if [[ "$edits" =~ $place ]]; then model="\${BASH_REMATCH[1]}"; fi
given='"data_config\\.batch_size"[[:space:]]*:[[:space:]]*"?([0-9]+)"?'
[[ "$edits" =~ $given ]] && { given="\${BASH_REMATCH[0]}"; batch="\${BASH_REMATCH[1]}"; } || given=""
share="\\"data_config.batch_size\\": $(((batch + all - 1) / all))"
if [ -n "$given" ]; then edits="\${edits/"$given"/$share}"
elif [ -n "\${edits//[[:space:]]/}" ]; then edits="$share, $edits"
else edits="$share"; fi
torchrun --master_addr="\${MASTER_ADDR:-localhost}" --master_port="\${MASTER_PORT:-32555}" \\
  --nnodes="\${NNODES:-1}" --node_rank="\${NODE_RANK:-0}" --nproc-per-node="$workers" \\
  -m tzrec.train_eval --pipeline_config_path pipeline.config \\
  --edit_config_json "{$edits}" \${options[@]+"\${options[@]}"}
[ "\${NODE_RANK:-0}" -ne 0 ] || python convert_weights.py "$model" weights.safetensors
`;
}

/** `README.md`. */
export function exportReadme(texts: ExportedTexts): string {
  const { spec, rows, shuffled, ownConfig } = texts;
  const evaluated =
    rows.validation === null ? "" : `\n- \`eval.parquet\`: ${count(rows.validation, "row")} to evaluate on`;
  const order = shuffled
    ? "in a random order, since TorchEasyRec shuffles whole batches of neighbouring rows only"
    : "in the order of the data";
  const configLine = ownConfig
    ? "\n- `model.config`: the original model, which reads your unencoded columns; it names no rows, as those here are encoded"
    : "";
  const back = ownConfig
    ? `const files = { config: "model.config", weights: "weights.safetensors" };   // reads your columns
const run = await pepnet.fromTorchEasyRec(files);`
    : `const run = await pepnet.fromTorchEasyRec(".");   // this folder`;
  return `# A PEPNet for TorchEasyRec

Made by pepnet for TorchEasyRec 1.3.16 (https://github.com/alibaba/TorchEasyRec).

- \`pipeline.config\`: what to train; paths are relative to this folder
- \`train.parquet\`: ${count(rows.train, "row")}, ${order}${evaluated}${configLine}
- \`train.sh\`: trains on 1 to N workers, then runs \`convert_weights.py\`

Columns are named by feature and encoded (\`fg_mode: FG_NONE\`): ids are rows of their embedding tables (INT64; several ids
are text separated by \`\\x03\`, \`id:weight\` if weighted; no id is null), numbers are FLOAT and already
normalised, labels are INT64 (FLOAT for L2 losses).${sequenceSentences(spec)}

## Train

    bash train.sh        # one worker
    bash train.sh 8      # eight workers of this machine

The batch is shared by the workers: one step uses ${count(mostBatchRows(spec.training), "row")} for any number of workers.${sparseAdam(spec)}
\`data_config.num_workers\`, the processes that read rows for each worker, is ${readers(spec)}: increase it if workers wait for rows.
The model goes to ${markdownCode(texts.modelDir)}, which must not contain another model (\`--continue_train\` resumes).

## Loading the result

\`train.sh\` writes \`weights.safetensors\`; to run only this step: ${markdownCode(`python convert_weights.py ${shellPath(texts.modelDir)} weights.safetensors`)}. Then, in a
notebook:

    ${back.replaceAll("\n", "\n    ")}
    await run.gates(data);

To start from weights that were trained in pepnet (\`await run.exportWeights("weights.safetensors")\`):

    python convert_weights.py weights.safetensors start/model.ckpt-0
    bash train.sh 8 --fine_tune_checkpoint start/model.ckpt-0 --ignore_restore_optimizer
`;
}

function sequenceSentences(spec: ModelSpec): string {
  if (!spec.features.some(isSequence)) return "";
  return ` Sequences are lists of these, and lists of lists
if a position holds several values.

On a CPU, TorchEasyRec trains the tables of sequences with the dense optimizer, as pepnet does; on GPUs, with the sparse one.`;
}

function readers({ extra }: ModelSpec): number {
  return Number((extra["data_config"] as { num_workers?: number } | undefined)?.num_workers ?? 8);
}

function sparseAdam({ training }: ModelSpec): string {
  const { kind } = training.sparse;
  if (kind !== "adam" && kind !== "partial_rowwise_adam") return "";
  return `\nThe sparse optimizer is ${kind}, which TorchEasyRec refuses on the CPU: train on GPUs, or choose adagrad.`;
}

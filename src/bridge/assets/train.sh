#!/usr/bin/env bash
# Trains this folder with TorchEasyRec on 1 to N workers of one machine, and extracts the weights from its checkpoint.
#   bash train.sh [workers] [more options of tzrec.train_eval]
# Several machines: MASTER_ADDR, NNODES and NODE_RANK as of torchrun.
set -euo pipefail
cd "$(dirname "$0")"
workers=1
case "${1:-}" in [0-9]*) workers="$1"; shift ;; esac
model={{model}}
edits=""
options=()
while [ "$#" -gt 0 ]; do
  case "$1" in
    --model_dir | --edit_config_json)
      [ "$#" -gt 1 ] || { echo "$1 needs a value" >&2; exit 2; }
      value="$2"; name="$1"; shift 2 ;;
    --model_dir=* | --edit_config_json=*) value="${1#*=}"; name="${1%%=*}"; shift ;;
    *) options+=("$1"); shift; continue ;;
  esac
  if [ "$name" = --model_dir ]; then model="$value"; options+=(--model_dir "$value"); else edits="$value"; fi
done
all=$((workers * ${NNODES:-1}))
edits="${edits#*[{]}"; edits="${edits%[\}]*}"
# An edit of model_dir comes after the option, as in TorchEasyRec.
place='"model_dir"[[:space:]]*:[[:space:]]*"([^"]*)"'
if [[ "$edits" =~ $place ]]; then model="${BASH_REMATCH[1]}"; fi
# The number of a field in your edits, else in pipeline.config; 0 if there is none.
number() {
  local given="\"$1\.$2\"[[:space:]]*:[[:space:]]*\"?([0-9]+)" found=""
  if [[ "$edits" =~ $given ]]; then found="${BASH_REMATCH[1]}"
  elif [ -f pipeline.config ]; then found="$(sed -n "/^$1 {/,/^}/s/^  $2: *\([0-9][0-9]*\).*/\1/p" pipeline.config)"; fi
  found="${found%%$'\n'*}"
  echo "${found:-0}"
}
# Steps of a worker for all rows: "$1" readers of all workers have as many rows each, "$1" / "$3" of them are the worker's,
# in batches of "$2". Where rows are left over, a reader's batch of one of them is dropped.
epoch() {
  echo $((($1 / $3) * (({{rows}} / $1 + {{rounded}} * ($2 - 1)) / $2)))
}
# batch_size is per worker: together, the workers use the model's {{batchSize}} rows per step, or those of your edits.
batch="$(number data_config batch_size)"
[ "$batch" -gt 0 ] || batch={{batchSize}}
share=$(((batch + all - 1) / all))
readers="$(number data_config num_workers)"
[ "$readers" -gt 0 ] || readers=1
there="$(epoch $((all * readers)) "$share" "$all")"
[ "$there" -gt 0 ] || { echo "{{rows}} rows are no batch for each of $((all * readers)) readers: use fewer workers, or a smaller data_config.num_workers" >&2; exit 2; }
changed="\"data_config.batch_size\": $share"
# num_steps is for one worker that reads in the order of the file; others pass as many rows.
steps="$(number train_config num_steps)"
if [ "$steps" -gt 0 ] && [[ ! "$edits" =~ \"train_config\.num_(steps|epochs)\" ]]; then
  here="$(epoch 1 {{batchSize}} 1)"
  rest=$((steps % here * {{batchSize}})) together=$((share * all))
  scaled=$((steps / here * there + (rest + together / 2) / together))
  [ "$scaled" -gt 0 ] || scaled=1
  [ "$scaled" -eq "$steps" ] || changed="$changed, \"train_config.num_steps\": $scaled"
fi
given='"data_config\.batch_size"[[:space:]]*:[[:space:]]*"?([0-9]+)"?'
if [[ "$edits" =~ $given ]]; then edits="${edits/"${BASH_REMATCH[0]}"/$changed}"
elif [ -n "${edits//[[:space:]]/}" ]; then edits="$changed, $edits"
else edits="$changed"; fi
torchrun --master_addr="${MASTER_ADDR:-localhost}" --master_port="${MASTER_PORT:-32555}" \
  --nnodes="${NNODES:-1}" --node_rank="${NODE_RANK:-0}" --nproc-per-node="$workers" \
  -m tzrec.train_eval --pipeline_config_path pipeline.config \
  --edit_config_json "{$edits}" ${options[@]+"${options[@]}"}
[ "${NODE_RANK:-0}" -ne 0 ] || python convert_weights.py "$model" weights.safetensors

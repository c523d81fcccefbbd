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
# batch_size is per worker: together, the workers use the model's {{batchSize}} rows per step, or those of your edits.
batch={{batchSize}}
edits="${edits#*[{]}"; edits="${edits%[\}]*}"
# An edit of model_dir comes after the option, as in TorchEasyRec.
place='"model_dir"[[:space:]]*:[[:space:]]*"([^"]*)"'
if [[ "$edits" =~ $place ]]; then model="${BASH_REMATCH[1]}"; fi
given='"data_config\.batch_size"[[:space:]]*:[[:space:]]*"?([0-9]+)"?'
[[ "$edits" =~ $given ]] && { given="${BASH_REMATCH[0]}"; batch="${BASH_REMATCH[1]}"; } || given=""
share="\"data_config.batch_size\": $(((batch + all - 1) / all))"
if [ -n "$given" ]; then edits="${edits/"$given"/$share}"
elif [ -n "${edits//[[:space:]]/}" ]; then edits="$share, $edits"
else edits="$share"; fi
torchrun --master_addr="${MASTER_ADDR:-localhost}" --master_port="${MASTER_PORT:-32555}" \
  --nnodes="${NNODES:-1}" --node_rank="${NODE_RANK:-0}" --nproc-per-node="$workers" \
  -m tzrec.train_eval --pipeline_config_path pipeline.config \
  --edit_config_json "{$edits}" ${options[@]+"${options[@]}"}
[ "${NODE_RANK:-0}" -ne 0 ] || python convert_weights.py "$model" weights.safetensors

#!/usr/bin/env bash
# Trains this folder with TorchEasyRec on 1 to N workers of one host, and extracts the weights from its checkpoint.
#   bash train.sh [workers] [more options of tzrec.train_eval]
# Several hosts share this folder, and each runs the script, with NNODES, NODE_RANK and MASTER_ADDR as of torchrun:
#   NNODES=2 NODE_RANK=0 MASTER_ADDR=10.0.0.1 bash train.sh 8    # on host 0, whose address is 10.0.0.1
#   NNODES=2 NODE_RANK=1 MASTER_ADDR=10.0.0.1 bash train.sh 8    # on host 1
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
refuse() { printf '%s\n' "$@" >&2; exit 2; }
hosts="${NNODES:-1}" host="${NODE_RANK:-0}" limit="${HOSTS_WAIT:-300}"
[[ "$hosts" =~ ^[1-9][0-9]*$ ]] || refuse "NNODES is \"$hosts\", but must be the number of hosts, such as 2"
if [ "$hosts" -gt 1 ]; then
  [[ "${NODE_RANK:-}" =~ ^(0|[1-9][0-9]*)$ && "$host" -lt "$hosts" ]] ||
    refuse "NODE_RANK is \"${NODE_RANK:-}\", but must be the number of this host, from 0 to $((hosts - 1)), since NNODES is $hosts"
  [ -n "${MASTER_ADDR:-}" ] || refuse "MASTER_ADDR is not set, but must be the address of host 0, since NNODES is $hosts"
  [[ "$limit" =~ ^[0-9]+$ ]] || refuse "HOSTS_WAIT is \"$limit\", but must be a number of seconds, such as 300"
fi
all=$((workers * hosts))
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
# Host 0 converts what all hosts have saved, and would find only its own part if they save in different folders. So before
# training, host 0 writes a file whose name ends in a random word. Each other host answers with a file that adds its number
# and a word of its own, and host 0 confirms that. Files of an earlier training have other words and mean nothing.
unshared() {
  local again="NNODES=$hosts NODE_RANK=$host MASTER_ADDR=$MASTER_ADDR"
  refuse "Nothing was trained: within $limit seconds, $1." \
    "  folder:   $folder" \
    "  expected: all $hosts hosts see the same files there, since each saves its part of the model in it" \
    "  fix:      mount one folder on all hosts, and run train.sh in it on each; or name one for the model only:" \
    "            $again bash train.sh $workers --model_dir /mnt/shared/model" \
    "  If hosts start further apart, let them wait longer, here up to 15 minutes:" \
    "            $again HOSTS_WAIT=900 bash train.sh $workers"
}
await_answers() {
  local other answers file
  rm -f "$marks".*
  : > "$marks.$word"
  for ((other = 1; other < hosts; other++)); do
    until answers=("$marks.$word.$other".*) && [ -e "${answers[0]}" ]; do
      [ -e "$marks.$word" ] || refuse "Nothing was trained: another host with NODE_RANK 0, or another training, uses $folder." \
        "  fix: give each host its own NODE_RANK, and each training its own --model_dir"
      [ "$SECONDS" -lt "$end" ] || unshared "host 0 saw no answer of host $other"
      sleep 0.2
    done
  done
  # Only now, so that no host trains unless all can. A host that was started again has answered twice.
  for file in "$marks.$word".*; do : > "$file.seen"; done
  rm -f "$marks.$word" # the other hosts remove the rest
}
answer() {
  local file confirmed missing="file of host 0"
  until confirmed=("$marks".*".$host.$word.seen") && [ -e "${confirmed[0]}" ]; do
    for file in "$marks".????????????????; do # a word of host 0 alone: 16 digits
      if [ -e "$file" ]; then : > "$file.$host.$word"; missing="confirmation of host 0, which waits for all hosts"; fi
    done
    [ "$SECONDS" -lt "$end" ] || unshared "host $host saw no $missing"
    sleep 0.2
  done
  rm -f "$marks".*".$host."*
}
if [ "$hosts" -gt 1 ]; then
  mkdir -p "$(dirname "$model")"
  folder="$(cd "$(dirname "$model")" && pwd)" end=$((SECONDS + limit))
  marks="$folder/.$(basename "$model").hosts"
  word="$(od -An -N8 -tx1 /dev/urandom | tr -d ' \n')"
  echo "Host $host of $hosts waits up to $limit seconds until all see the same files in $folder" >&2
  if [ "$host" -eq 0 ]; then
    trap 'rm -f "$marks.$word"*' EXIT
    await_answers
  else
    trap 'rm -f "$marks".*".$host.$word"*' EXIT
    answer
  fi
  trap - EXIT
fi
torchrun --master_addr="${MASTER_ADDR:-localhost}" --master_port="${MASTER_PORT:-32555}" \
  --nnodes="$hosts" --node_rank="$host" --nproc-per-node="$workers" \
  -m tzrec.train_eval --pipeline_config_path pipeline.config \
  --edit_config_json "{$edits}" ${options[@]+"${options[@]}"}
[ "$host" -ne 0 ] || python convert_weights.py "$model" weights.safetensors

#!/bin/sh
# Starts the kernel: start.sh NODE --expose-internals MAIN …, from a snapshot of its compiler (snapshot.cjs) if
# the cache has one for this Node and these files. `start.sh --build NODE …` only makes one, and `start.sh --dropped NODE …`
# names the file that says why there is none, or which death was the first. Node replaces the shell, so clients signal the
# kernel itself. Work is done in subshells, where names and PATH are not the kernel's.

# Names the file of a package in the innermost node_modules above a folder: `above NAME FOLDER PACKAGE/FILE`.
above() {
  from=$2
  while [ -n "$from" ] && [ ! -e "$from/node_modules/$3" ]; do from=${from%/*}; done
  eval "$1=\$from/node_modules/\$3"
  [ -e "$from/node_modules/$3" ]
}

# What a snapshot depends on: Node's settings, the processor's features (V8 refuses others), and files: their inodes, sizes
# and times.
describe() {
  export LC_ALL=C TZ=UTC0
  echo "$2 $NODE_OPTIONS"
  grep -m 1 -E '^(flags|Features)' /proc/cpuinfo || uname -nm
  above compiler "$package" typescript/lib/typescript.js
  above types "$PWD" @types/node/package.json || above types "$package" @types/node/package.json
  files=$(ls -niLS "$1" "$3" "$compiler" "$types") # the largest first, wherever they are
  set -f
  IFS='
'
  for file in $files; do
    IFS=' '
    set -- ${file%% /*} # inode mode links owner group size month day time
    echo "$1 $6 $7 $8 $9"
  done
}

hyphened() { echo "${1% *}-${1#* }"; }

prepare() {
  PATH=/usr/bin:/bin:$PATH
  package=${3%/dist/kernel/main.js}
  folder=${PEPNET_CACHE:-${XDG_CACHE_HOME:-$HOME/.cache}/pepnet}/snapshots
}

name() { stem=$folder/$(hyphened "$(describe "$@" | cksum)"); }

# Nothing is collected before the first cell, whose garbage is small. The seed of hashes is Node's: to hash all names anew
# takes a tenth of the start. A snapshot is for the same flags.
flags='--min-semi-space-size=8 --no-rehash-snapshot'

# Each name ends with the file's checksum and size, which prove that it is whole. The one last used is read, which takes
# longest, while the shell finds out which one is wanted.
find_snapshot() {
  export LC_ALL=C
  prepare "$@"
  latest=
  for file in "$folder"/*.snapshot; do
    [ -z "$latest" ] || [ "$file" -nt "$latest" ] && latest=$file
  done
  cksum < "$latest" | {
    name "$@"
    read -r sum
    [ "$latest" = "$stem-$(hyphened "$sum").snapshot" ] && offer "$latest" && return
    for file in "$stem"-*.snapshot; do
      [ -f "$file" ] && [ "$file" = "$stem-$(hyphened "$(cksum < "$file")").snapshot" ] && offer "$file" && return
    done
  }
}

# Prints a snapshot's name, unless a kernel from it died: see crash-mark.ts. Clients kill kernels, and memory runs out. So
# after a first death only this start goes without, and the second in a row drops the snapshot. Kernels that died since the
# last start are one death.
offer() {
  died=
  for mark in "$1".*; do
    pid=${mark##*.}
    read -r place < "$mark" && [ "$place" = "$(this_system)" ] || continue
    [ "$pid" != $$ ] && kill -0 "$pid" && continue # a kernel at work
    died=$pid
    rm -f "$mark"
  done
  [ -z "$died" ] && echo "$1" && return
  death="ended without warning, at the start or while a cell ran (process $died)"
  if [ -e "$stem.crashed" ]; then
    drop "two kernels in a row that had started from it $death"
  else
    echo "a kernel that had started from it $death" > "$stem.crashed"
  fi
}

# Process numbers are of a computer, or a container, until it is started again.
this_system() {
  read -r host < /proc/sys/kernel/hostname
  read -r boot < /proc/sys/kernel/random/boot_id
  echo "$host $boot"
}

# From now on kernels start without a snapshot of these files, and doctor.ts shows the reason.
drop() {
  echo "$1" > "$stem.dropped"
  rm -f "$stem.crashed" "$stem"-*.snapshot "$stem"-*.snapshot.*
}

# The snapshot of a start, with the mark of the process that Node becomes.
take_snapshot() {
  taken=$(find_snapshot "$@")
  [ -z "$taken" ] && return
  this_system > "$taken.$$"
  echo "$taken"
}

build() {
  prepare "$@"
  name "$@"
  # Memory may have run out, or another program changed.
  find "$folder" \( -name '*.dropped' -o -name '*.crashed' \) -mtime +30 -exec rm -f {} +
  [ -z "$(find_snapshot "$@")" ] && [ ! -e "$stem.dropped" ] && mkdir -p "$folder" || return
  new=$stem-$$.new
  find "$stem.lock" -mmin +10 -exec rm -f {} + # a builder was killed
  (set -C && : > "$stem.lock") || return
  trap 'rm -f "$stem.lock" "$new" "$new".*' EXIT
  trap exit HUP INT TERM
  renice -n 19 -p $$
  program=$package/src/kernel/assets/snapshot
  "$1" --snapshot-blob "$new" $flags "$2" --build-snapshot "$program.cjs" || return
  NODE_USE_ENV_PROXY=0 "$1" --snapshot-blob "$new" $flags "$2" "$program-trial.cjs" 2> "$new.errors"
  code=$?
  case $code in
    0) ;;
    137 | 143) return ;; # it was killed
    *)
      reason='(Assertion failed|Check failed|FATAL ERROR|[A-Z][A-Za-z]*Error|Error).*'
      drop "Node failed in its trial: $(grep -m 1 -oE "$reason" "$new.errors" || echo "exit code $code")"
      return
      ;;
  esac
  rm -f "$stem"-*.snapshot
  mv "$new" "$stem-$(hyphened "$(cksum < "$new")").snapshot"
  ls -t "$folder"/*-*-*-*.snapshot | tail -n +6 | while IFS= read -r file; do rm -f "$file" "$file".*; done
}

dropped() {
  find_snapshot "$@" > /dev/null # looks for deaths
  prepare "$@"
  name "$@"
  for file in "$stem.dropped" "$stem.crashed"; do
    [ -e "$file" ] && echo "$file" && return
  done
}

if [ "$1" = --build ]; then
  shift
  [ "$PEPNET_KERNEL_SNAPSHOT" = off ] || build "$@" > /dev/null 2>&1
  exit
fi
if [ "$1" = --dropped ]; then
  shift
  dropped "$@" 2> /dev/null
  exit
fi
[ "$PEPNET_KERNEL_SNAPSHOT" = off ] && exec "$@"
pepnet_snapshot=$(take_snapshot "$@" 2> /dev/null)
[ -z "$pepnet_snapshot" ] && exec "$@"
pepnet_node=$1
shift
# Large buffers in large pages: Node copies the snapshot twice. The kernel takes this out again.
export GLIBC_TUNABLES="glibc.malloc.hugetlb=1${GLIBC_TUNABLES:+:$GLIBC_TUNABLES}"
exec "$pepnet_node" --snapshot-blob "$pepnet_snapshot" $flags "$@"

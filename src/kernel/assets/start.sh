#!/bin/sh
# Starts the kernel: start.sh NODE --expose-internals MAIN …, from a snapshot of its compiler (snapshot.cjs) if
# the cache has one for this Node and these files. `start.sh --build NODE …` only makes one. Node replaces the shell, so
# clients signal the kernel itself. Work is done in subshells, where names and PATH are not the kernel's.

# The file of a package in the innermost node_modules above a folder.
above() {
  from=$1
  while [ -n "$from" ] && [ ! -e "$from/node_modules/$2" ]; do from=${from%/*}; done
  [ -e "$from/node_modules/$2" ] && echo "$from/node_modules/$2"
}

# What a snapshot depends on: Node's settings, the processor's features (V8 refuses others), and files: their inodes, sizes
# and times.
describe() {
  echo "$2 $NODE_OPTIONS"
  grep -m 1 -E '^(flags|Features)' /proc/cpuinfo || uname -nm
  compiler=$(above "$package" typescript/lib/typescript.js)
  types=$(above "$PWD" @types/node/package.json || above "$package" @types/node/package.json)
  LC_ALL=C TZ=UTC0 ls -niL "$1" "$3" "$compiler" "$types" |
    while read -r inode mode links owner group size month day time name; do echo "$inode $size $month $day $time"; done |
    sort # ls sorts by path
}

hyphened() { echo "${1% *}-${1#* }"; }

prepare() {
  PATH=/usr/bin:/bin:$PATH
  package=${3%/dist/kernel/main.js}
  folder=${PEPNET_CACHE:-${XDG_CACHE_HOME:-$HOME/.cache}/pepnet}/snapshots
  stem=$folder/$(hyphened "$(describe "$@" | cksum)")
}

# Nothing is collected before the first cell, whose garbage is small. A snapshot is for the same flags.
flags=--min-semi-space-size=8

# Each name ends with the file's checksum and size, which prove that it is whole.
find_snapshot() {
  prepare "$@"
  for file in "$stem"-*.snapshot; do
    [ -f "$file" ] && [ "$file" = "$stem-$(hyphened "$(cksum < "$file")").snapshot" ] && echo "$file" && return
  done
}

build() {
  prepare "$@"
  [ -z "$(find_snapshot "$@")" ] && mkdir -p "$folder" || return
  new=$stem-$$.new
  find "$stem.lock" -mmin +10 -exec rm -f {} + # a builder was killed
  (set -C && : > "$stem.lock") || return
  trap 'rm -f "$stem.lock" "$new"' EXIT
  trap exit HUP INT TERM
  renice -n 19 -p $$
  "$1" --snapshot-blob "$new" $flags "$2" --build-snapshot "$package/src/kernel/assets/snapshot.cjs" || return
  "$1" --snapshot-blob "$new" $flags "$2" || return # it starts
  rm -f "$stem"-*.snapshot
  mv "$new" "$stem-$(hyphened "$(cksum < "$new")").snapshot"
  ls -t "$folder"/*-*-*-*.snapshot | tail -n +6 | while IFS= read -r file; do rm -f "$file"; done
}

if [ "$1" = --build ]; then
  shift
  [ "$PEPNET_KERNEL_SNAPSHOT" = off ] || build "$@" > /dev/null 2>&1
  exit
fi
[ "$PEPNET_KERNEL_SNAPSHOT" = off ] && exec "$@"
pepnet_snapshot=$(find_snapshot "$@" 2> /dev/null)
[ -z "$pepnet_snapshot" ] && exec "$@"
pepnet_node=$1
shift
# Large buffers in large pages: Node copies the snapshot twice. The kernel takes this out again.
export GLIBC_TUNABLES="glibc.malloc.hugetlb=1${GLIBC_TUNABLES:+:$GLIBC_TUNABLES}"
exec "$pepnet_node" --snapshot-blob "$pepnet_snapshot" $flags "$@"

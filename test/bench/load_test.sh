#!/bin/bash
# The load generator in every mode against the bare servers, and against a
# server that does not do what is expected of it.
#
#   load_test.sh LOAD BARE
set -euo pipefail
load=$1
bare=$2
out=$(mktemp -d)
pids=()
trap 'kill "${pids[@]}"; rm -rf "$out"' EXIT

# Starts a bare server; sets `target` and `pid`.
start() {
  "$bare" "$1" >"$out/$1" &
  pid=$!
  pids+=("$pid")
  until [[ -s "$out/$1" ]]; do
    kill -0 "$pid"
  done
  target=ws://127.0.0.1:$(sed 's/listening //' "$out/$1")/
}

run() {
  "$load" "$@" --target="$target" --pid="bare=$pid" --sockets=60 \
    --seconds=0.3 --warmup=0.1 >"$out/figures"
}

fail() {
  cat "$out/figures"
  echo "FAILED: $1"
  exit 1
}

# run_well MODE FIGURE...: it succeeds, and has these figures.
run_well() {
  local mode=$1 figure
  shift
  run "$mode" --window=4 --topics=3 --parallel=8 --cycles=2 ||
    fail "$mode does not succeed"
  for figure in '"failures": 0' "$@"; do
    grep -q "$figure" "$out/figures" || fail "$mode without $figure"
  done
}

start broadcast
run_well idle pss_per_socket '"joined": 60'
run_well join '"messages": 60' p999
run_well fanout cpu_us_per_broadcast p999
run_well churn pss_by_cycle '"joins": 118'
# Pushes are never answered here, so an echo never comes.
run echo && fail "echo is content without replies"
grep -q '"first_failure": "no replies"' "$out/figures" ||
  fail "echo does not say what is wrong"

start echo
run_well echo '"bare"' p999
run fanout && fail "fanout is content without deliveries"
target=ws://127.0.0.1:1/
run join && fail "join is content without a server"
echo passed

#!/bin/bash
# Prints the tables of results/latency-fit.md. Usage: benchmarks/fit-latency.sh PROFILES, a folder that holds
# splitwise_prefill_decode.csv and llmservingsim_vllm_request_logs.csv (where they come from: results/latency-fit.md).
set -euo pipefail
cd "$(dirname "$0")/.."
profiles=$1
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
dotnet build src/LlmScheduling.Tool -c Release -v q -nologo >/dev/null
llmsched() { dotnet src/LlmScheduling.Tool/bin/Release/net10.0/llmsched.dll "$@"; }

# A figure of one object of a JSON file, times 100.
percent() { sed -n "/\"$2\": {/,/}/p" "$1" | sed -n "s/.*\"$3\": \(.*[0-9]\).*/\1/p" | tail -1 | awk '{ printf "%.2f", 100 * $1 }'; }
number() { sed -n "/\"$2\": {/,/}/p" "$1" | sed -n "s/.*\"$3\": \(.*[0-9]\).*/\1/p" | tail -1; }

# A fifth of the configurations (the first $2 columns) goes to held.csv, whole, by a hash of their names and the seed.
split() {
  awk -F, -v seed="$1" -v columns="$2" -v out="$work" '
    BEGIN { for (i = 32; i < 127; i++) code[sprintf("%c", i)] = i }
    NR == 1 { print > (out "/fitted.csv"); print > (out "/held.csv"); next }
    { key = seed; for (i = 1; i <= columns; i++) key = key "," $i
      h = 7; for (i = 1; i <= length(key); i++) h = (h * 131 + code[substr(key, i, 1)]) % 1000000007
      for (i = 0; i < 3; i++) h = (h * 48271 + 11) % 2147483647
      print > (out (h % 5 == 0 ? "/held.csv" : "/fitted.csv")) }' "$profiles/splitwise_prefill_decode.csv"
}

for form in auto hinge linear; do
  for columns in 5 6; do
    echo "form $form, split by $columns columns"
    echo "| seed | rows | refused | prefill MAPE % | prefill p90 % | token time MAPE % | e2e MAPE % | e2e p90 % |"
    echo "|---|---|---|---|---|---|---|---|"
    for seed in 1 2 3 4 5; do
      split $seed $columns
      llmsched fit-latency --profile "$work/fitted.csv" --evaluate "$work/held.csv" --form $form --out "$work/m.json" >/dev/null 2>&1
      # The figures over all engines come last in the file.
      echo "| $seed | $(number "$work/m.json" evaluation rows) | $(number "$work/m.json" evaluation rows_refused) | $(percent "$work/m.json" evaluation prefill_mape) | $(percent "$work/m.json" evaluation prefill_p90_ape) | $(percent "$work/m.json" evaluation token_time_mape) | $(percent "$work/m.json" evaluation e2e_mape) | $(percent "$work/m.json" evaluation p90_ape) |"
    done
    echo
  done
done

limits='"max_batch_tokens": 2048, "preemption": "kv", "kv_reservation": "whole_prompt", "look_ahead_steps": 1'
echo "{\"max_sequences\": 256, \"kv_blocks\": 2587, \"preempted_blocks_as_cache\": true, $limits}" > "$work/RTX4090-Llama-3.1-8B.json"
echo "{\"max_sequences\": 128, $limits}" > "$work/RTXPRO6000-Llama-3.1-8B.json"
echo "{\"max_sequences\": 128, \"data_parallel_ranks\": 2, $limits}" > "$work/RTXPRO6000-Qwen3-30B-A3B-Instruct-2507.json"
for share in 0.5 0.25; do
  echo "calibrated on $share"
  echo "| log | e2e mean % | e2e p90 % | e2e MAPE % | TPOT mean % | TTFT mean % | tau-b | makespan % |"
  echo "|---|---|---|---|---|---|---|---|"
  for engine in RTX4090-Llama-3.1-8B RTXPRO6000-Llama-3.1-8B RTXPRO6000-Qwen3-30B-A3B-Instruct-2507; do
    llmsched fit-latency --log "$profiles/llmservingsim_vllm_request_logs.csv" --engine "$work/$engine.json" --gpu "${engine%%-*}" --model "${engine#*-}" --calibrate $share --out "$work/m.json" >/dev/null
    echo "| $engine | $(percent "$work/m.json" test e2e_mean_error) | $(percent "$work/m.json" test e2e_p90_error) | $(percent "$work/m.json" test e2e_mape) | $(percent "$work/m.json" test tpot_mean_error) | $(percent "$work/m.json" test ttft_mean_error) | $(number "$work/m.json" test completion_tau_b | cut -c1-5) | $(percent "$work/m.json" test makespan_error) |"
  done
  echo
done

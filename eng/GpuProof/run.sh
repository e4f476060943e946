#!/usr/bin/env bash
# Proves LlmScheduling.Cuda on an NVIDIA GPU, also where there is neither .NET nor a network.
#   run.sh pack  [FOLDER]   where .NET and npm are: builds the program, puts it with the CUDA provider of ONNX Runtime into parts
#                           of at most 48 MiB, with their checksums and this script. Default: artifacts/gpu-proof.
#   run.sh prove [FOLDER]   where the GPU is: joins the parts, checks them, runs everything, prints a report in Markdown, which
#                           also lies in report.md and sanitizer.md. Default: the folder of this script. Its halves, for machines
#                           that are lent by the minute: run.sh report, run.sh sanitize [FOLDER [TOOL...]], each tool by itself.
# Exit code of the last three: 0 where every claim was shown, 1 where one was refuted, 3 where one could not be looked at.
set -euo pipefail
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)

# The same release as eng/OnnxRuntime; another byte, and nothing is packed.
provider=com.github.asus4.onnxruntime.linux-x64-gpu@0.4.9
provider_sha512=168a4884d13f360fafd97eb9c1573d7253c2042be1bc0e771f1a3653429fe5f19d56c0bb88203e999d0a2d6820710023ed3219ea9362751e000b5d20ef85e8eb
libraries=(libonnxruntime_providers_cuda.so libonnxruntime_providers_shared.so)
# What the CUDA provider is linked to, and cuDNN, which it asks for in some operators.
wanted=(libcublasLt.so.13 libcublas.so.13 libcudart.so.13 libcurand.so.10 libcufft.so.12 libcudnn.so.9 libnvrtc.so.13)

pack() {
  local folder root archive tests
  root=$(cd "$here/../.." && pwd)
  folder=$(mkdir -p "${1:-$root/artifacts/gpu-proof}" && cd "${1:-$root/artifacts/gpu-proof}" && pwd)
  work=$(mktemp -d)
  trap 'rm -rf "$work"' EXIT
  dotnet publish "$here/GpuProof.csproj" -c Release -r linux-x64 --self-contained -nologo -v q -o "$work/program"
  rm -f "$work"/program/*.pdb "$work"/program/*.xml
  if [[ ! -f $work/program/${libraries[0]} ]]; then
    (cd "$work" && npm pack "$provider" --ignore-scripts --loglevel=error >/dev/null)
    archive=$(ls "$work"/*.tgz)
    echo "$provider_sha512  $archive" | sha512sum --check --quiet
    tar -xzf "$archive" -C "$work"
    for library in "${libraries[@]}"; do
      cp "$work/package/Plugins/Linux/x64/$library" "$work/program/"
    done
  fi
  # The kernel as the host compiles it, behind a stand-in for the driver: what the card's schedules are compared with.
  tests=$root/tests/LlmScheduling.Cuda.Tests/Devices/StandIn
  if command -v g++ >/dev/null; then
    g++ -O2 -std=c++17 -ffp-contract=off -shared -fPIC -static-libstdc++ -static-libgcc -o "$work/program/standin-driver.so" \
      "$tests/driver.cpp" -x c++ "$root/src/LlmScheduling.Cuda/Kernels/annealing.cu" -x none -ldl
  fi
  mkdir "$work/program/BertRanker"
  cp "$root"/samples/BertRanker/*.py "$work/program/BertRanker/"
  git -C "$root" rev-parse HEAD >"$work/program/commit.txt" 2>/dev/null || echo unknown >"$work/program/commit.txt"
  rm -rf "$folder"/{part-*,SHA256SUMS,program,trained,report.md,sanitizer*}
  tar -cz -C "$work/program" . | split -b 48M -d - "$folder/part-"
  (cd "$folder" && sha256sum part-* >SHA256SUMS)
  cp "$here/run.sh" "$folder/"
  ls -l "$folder"
}

# Folders of the libraries that the provider wants, wherever a toolkit or Python packages left them.
library_folders() {
  local name found
  for name in "${wanted[@]}"; do
    ldconfig -p | grep -q "$name " && continue
    found=$(find /usr/local /usr/lib /opt "$HOME" -name "$name" -print -quit 2>/dev/null || true)
    [[ -n $found ]] && dirname "$found" || echo "$name is nowhere" >&2
  done | sort -u | paste -sd:
}

python_with_torch() {
  local python
  for python in python3 /usr/bin/python3; do
    "$python" -c 'import torch, onnx' 2>/dev/null && { echo "$python"; break; }
  done
  # None at all is no failure, and must not end the script.
  return 0
}

# A small model that learns from three kinds of prompts, with the scores that PyTorch gives to new ones.
train() {
  local python=$1 folder=$2 program=$3
  mkdir -p "$folder"
  "$python" - "$folder" <<'PYTHON'
import json, sys, torch
kinds = (("Say in one word what is", 5), ("Explain", 80), ("Write a story about", 300))
for name, numbers in (("log.jsonl", range(600)), ("score.jsonl", range(1_000, 1_090))):
    with open(f"{sys.argv[1]}/{name}", "w") as file:
        for i in numbers:
            start, tokens = kinds[i % 3]
            file.write(json.dumps({"prompt": f"{start} number {i}, and {i * 7919 % 1009}.", "response_tokens": tokens + i * 31 % 17}) + "\n")
open(f"{sys.argv[1]}/torch.txt", "w").write(torch.__version__)
PYTHON
  "$python" "$program/BertRanker/train_ranker.py" --data "$folder/log.jsonl" --score "$folder/score.jsonl" --layers 1 --width 64 --pairs 3 --epochs 2 --batch 32 --out "$folder/made" >"$folder/result.json"
}

# Runs a part of the program under one of compute-sanitizer's tools; prints its claim as the program does.
under() {
  local tool=$1 claim="$1 finds nothing while $2" part=$3 log=$folder/sanitizer-$3-$1.txt status=0
  if ! command -v compute-sanitizer >/dev/null; then
    echo "- **not shown**: $claim: there is no compute-sanitizer here"
    remember 3
    return
  fi
  timeout 200 compute-sanitizer --tool "$tool" --report-api-errors no --error-exitcode 9 "$program" "$part" >"$log" 2>&1 || status=$?
  if [[ $status -eq 0 ]] && grep -qE 'ERROR SUMMARY: 0 errors|RACECHECK SUMMARY: 0 hazards' "$log"; then
    echo "- shown: $claim: $(grep -m1 SUMMARY "$log")"
  elif [[ $status -eq 9 ]]; then
    echo "- **refuted**: $claim: $(grep -m1 SUMMARY "$log"); see $(basename "$log")"
    remember 1
  else
    echo "- **not shown**: $claim: it ended with $status: $(grep -m1 -iE 'error|not supported' "$log" || echo "see $(basename "$log")")"
    remember 3
  fi
}

unpack() {
  (cd "$folder" && sha256sum --check --quiet SHA256SUMS)
  if ! cmp -s "$folder/SHA256SUMS" "$folder/program/SHA256SUMS"; then
    rm -rf "$folder/program"
    mkdir "$folder/program"
    cat "$folder"/part-* | tar -xz -C "$folder/program"
    cp "$folder/SHA256SUMS" "$folder/program/"
  fi
  LD_LIBRARY_PATH="$(library_folders)${LD_LIBRARY_PATH:+:$LD_LIBRARY_PATH}"
  export LD_LIBRARY_PATH
}

# Refuted is worse than not shown, which is worse than shown.
remember() {
  if [[ $worst -ne 1 && $1 -ne 0 ]]; then worst=$1; fi
}

report() {
  local python trained=() status=0 worst=0
  unpack
  {
    echo "# Proof on a GPU"
    echo
    echo "- Card: $(nvidia-smi --query-gpu=name,memory.total,driver_version --format=csv,noheader 2>/dev/null || echo "none that nvidia-smi knows")"
    echo "- Machine: $(nproc) cores, $(uname -sr)"
    echo "- Commit: $(cat "$folder/program/commit.txt")"
    echo "- Command: \`run.sh report\`, $(date -u +%Y-%m-%d)"
    python=$(python_with_torch)
    if [[ -n $python ]]; then
      rm -rf "$folder/trained"
      if train "$python" "$folder/trained" "$folder/program"; then trained=(--trained "$folder/trained"); else remember 1; fi
    fi
    "$folder/program/GpuProof" report "${trained[@]}" || status=$?
    remember $status
    echo "$worst" >"$folder/status"
  } 2> >(tee "$folder/errors.txt" >&2) | tee "$folder/report.md"
  return "$(cat "$folder/status")"
}

sanitize() {
  local tool worst=0 program tools=("$@")
  [[ ${#tools[@]} -gt 0 ]] || tools=(memcheck initcheck racecheck synccheck)
  unpack
  program=$folder/program/GpuProof
  {
    printf '\n## compute-sanitizer\n\n'
    for tool in "${tools[@]}"; do
      if [[ $tool == memcheck ]]; then under memcheck "the ranker scores on CUDA" ranker; fi
      under "$tool" "the annealer searches on the card" annealer
    done
    echo "$worst" >"$folder/status"
  } | tee "$folder/sanitizer${1:+-$*}.md"
  return "$(cat "$folder/status")"
}

prove() {
  local worst=0 status=0
  report || status=$?
  remember $status
  status=0
  sanitize || status=$?
  remember $status
  return $worst
}

case ${1:-} in
  pack) pack "${2:-}" ;;
  prove | report) folder=$(cd "${2:-$here}" && pwd); "$1" ;;
  sanitize) folder=$(cd "${2:-$here}" && pwd); sanitize "${@:3}" ;;
  *) sed -n '2,/^set/s/^# \{0,1\}//p' "${BASH_SOURCE[0]}"; exit 2 ;;
esac

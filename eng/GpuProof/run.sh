#!/usr/bin/env bash
# Proves LlmScheduling.Cuda on an NVIDIA GPU, also where there is neither .NET nor a network.
#   run.sh pack  [FOLDER]   where .NET and npm are: builds the program, puts it with the CUDA provider of ONNX Runtime into parts
#                           of at most 48 MiB, with their checksums and this script. Default: artifacts/gpu-proof.
#   run.sh prove [FOLDER]   where the GPU is: joins the parts, checks them, runs everything, prints a report in Markdown, which
#                           also lies in FOLDER/report.md. Default: the folder of this script.
# Exit code of prove: 0 where every claim was shown, 1 where one was refuted, 3 where one could not be looked at.
set -euo pipefail
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)

# The same release as eng/OnnxRuntime; another byte, and nothing is packed.
provider=com.github.asus4.onnxruntime.linux-x64-gpu@0.4.9
provider_sha512=168a4884d13f360fafd97eb9c1573d7253c2042be1bc0e771f1a3653429fe5f19d56c0bb88203e999d0a2d6820710023ed3219ea9362751e000b5d20ef85e8eb
libraries=(libonnxruntime_providers_cuda.so libonnxruntime_providers_shared.so)
# What the CUDA provider is linked to, and cuDNN, which it asks for in some operators.
wanted=(libcublasLt.so.13 libcublas.so.13 libcudart.so.13 libcurand.so.10 libcufft.so.12 libcudnn.so.9 libnvrtc.so.13)

pack() {
  local folder root archive
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
  mkdir "$work/program/BertRanker"
  cp "$root"/samples/BertRanker/*.py "$work/program/BertRanker/"
  git -C "$root" rev-parse HEAD >"$work/program/commit.txt" 2>/dev/null || echo unknown >"$work/program/commit.txt"
  rm -rf "$folder"/{part-*,SHA256SUMS,program,report.md}
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
    "$python" -c 'import torch, onnx' 2>/dev/null && { echo "$python"; return; }
  done
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

# Prints its claim as the program does, and answers 0, 1 or 3.
sanitize() {
  local program=$1 log=$2 claim=$3 status=0
  shift 3
  if ! command -v compute-sanitizer >/dev/null; then
    echo "- **not shown**: $claim: there is no compute-sanitizer here"
    return 3
  fi
  timeout 400 compute-sanitizer --error-exitcode 9 "$@" >"$log" 2>&1 || status=$?
  if [[ $status -eq 0 ]] && grep -q 'ERROR SUMMARY: 0 errors' "$log"; then
    echo "- shown: $claim: $(grep 'ERROR SUMMARY' "$log")"
  elif [[ $status -eq 9 ]]; then
    echo "- **refuted**: $claim: $(grep 'ERROR SUMMARY' "$log"); see $log"
    return 1
  else
    echo "- **not shown**: $claim: it ended with $status; $(grep -m1 -E 'Error|error|not supported' "$log" || echo "see $log")"
    return 3
  fi
}

prove() {
  local folder program python trained=() worst=0 status
  folder=$(cd "${1:-$here}" && pwd)
  program=$folder/program
  (cd "$folder" && sha256sum --check --quiet SHA256SUMS)
  rm -rf "$program"
  mkdir "$program"
  cat "$folder"/part-* | tar -xz -C "$program"
  export LD_LIBRARY_PATH="$(library_folders)${LD_LIBRARY_PATH:+:$LD_LIBRARY_PATH}" DOTNET_SYSTEM_GLOBALIZATION_INVARIANT=1
  remember() { local code=$1; if [[ $code -eq 1 || $worst -eq 1 ]]; then worst=1; elif [[ $code -ne 0 ]]; then worst=$code; fi; }
  {
    echo "# Proof on a GPU"
    echo
    echo "- Card: $(nvidia-smi --query-gpu=name,memory.total,driver_version --format=csv,noheader 2>/dev/null || echo "none that nvidia-smi knows")"
    echo "- Machine: $(nproc) cores, $(uname -sr)"
    echo "- Commit: $(cat "$program/commit.txt")"
    echo "- Command: \`run.sh prove\`, $(date -u +%Y-%m-%d)"
    python=$(python_with_torch)
    if [[ -n $python ]]; then
      train "$python" "$folder/trained" "$program" && trained=(--trained "$folder/trained") || remember 3
    fi
    status=0
    "$program/GpuProof" report "${trained[@]}" || status=$?
    remember $status
    printf '\n## compute-sanitizer\n\n'
    status=0
    sanitize "$program" "$folder/sanitizer-ranker.txt" "memcheck finds nothing while the ranker scores on CUDA" --tool memcheck --report-api-errors no "$program/GpuProof" ranker || status=$?
    remember $status
    echo "$worst" >"$folder/status"
  } 2> >(tee "$folder/errors.txt" >&2) | tee "$folder/report.md"
  return "$(cat "$folder/status")"
}

case ${1:-} in
  pack | prove) command=$1; shift; "$command" "$@" ;;
  *) sed -n '2,8s/^# \{0,1\}//p' "${BASH_SOURCE[0]}"; exit 2 ;;
esac

#!/bin/bash
# Makes annealing.ptx of annealing.cu with clang 19, which needs no CUDA toolkit for it: build.sh [OUTPUT]
# sm_75 (Turing): CUDA 13 knows nothing older, and cards before Volta have no more than 48 KB of shared memory per block. Newer cards compile the same PTX.
set -eu
cd "$(dirname "$0")"
output=${1:-annealing.ptx}
{
    echo "// Of annealing.cu, sha256 $(sha256sum annealing.cu | cut -d' ' -f1), by build.sh."
    "${CLANG:-clang-19}" -x cuda --cuda-device-only -nocudainc -nocudalib --cuda-gpu-arch=sm_75 -std=c++17 -O3 -ffp-contract=off -Wall -Wextra -Werror -S annealing.cu -o -
} > "$output.new"
mv "$output.new" "$output"

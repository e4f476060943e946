#!/usr/bin/env python3
"""Makes the tables of results/low-load.md: python3 benchmarks/low-load.py DATA [JOBS]. Every policy of `llmsched policies` where order
should not matter: mean and p99 end to end over fcfs. DATA and the build are those of slo.py."""
import json, os, pathlib, subprocess, sys, tempfile
from concurrent.futures import ThreadPoolExecutor

import slo

REQUIRED = {"head_start_us": 1_000_000, "rate_per_s": 0.1}
SEEDS = 3


def policies():
    listed = json.loads(subprocess.run([slo.TOOL, "policies", "--json"], check=True, capture_output=True, text=True).stdout)
    for policy in listed["policies"]:
        needed = [parameter["name"] for parameter in policy["parameters"] if parameter.get("default") is None]
        yield policy["name"] + "".join(f":{name}={REQUIRED[name]}" for name in needed)
    for decorator in listed["decorators"]:
        yield f"fcfs+{decorator['name']}"


def simulate(folder, source, load, seats, names):
    command = [slo.TOOL, "simulate", *source, "--engine", f"{folder}/h100-{seats}.json", "--slo", f"{folder}/medium.json", "--load", str(load),
               "--lengths", "noisy:0.65", "--json", *(word for name in names for word in ("--policy", name))]
    return json.loads(subprocess.run(command, check=True, capture_output=True, text=True).stdout)["policies"]


def table(folder, pool, title, sources, load, seats, names):
    print(f"\n## {title}\n\n| policy | mean e2e | p99 e2e | SLO met % | within 1 % |\n|---|---:|---:|---:|---|", flush=True)
    jobs = [(name, source) for name in names for source in sources]
    runs = dict(zip([(name, id(source)) for name, source in jobs], pool.map(lambda job: simulate(folder, job[1], load, seats, [job[0]])[job[0]], jobs)))
    for name in names:
        mean = lambda field, of=name: sum(runs[of, id(source)][field] for source in sources) / len(sources)
        of_fcfs = [mean(field) / mean(field, "fcfs") for field in ("mean_e2e_s", "p99_e2e_s")]
        print(f"| `{name}` | {of_fcfs[0]:.3f}x | {of_fcfs[1]:.3f}x | {100 * mean('slo_attainment'):.1f} | {'yes' if max(of_fcfs) <= 1.01 else 'no'} |", flush=True)


def main():
    with tempfile.TemporaryDirectory() as folder, ThreadPoolExecutor(int(sys.argv[2]) if len(sys.argv) > 2 else os.cpu_count()) as pool:
        slo.prepare(sys.argv[1], folder)
        names = list(policies())
        poisson = [["--workload", "poisson:1:4000", "--seed", str(seed + 1)] for seed in range(SEEDS)]
        azure = [["--trace", f"{folder}/azure{k}.csv"] for k in range(3)]
        table(folder, pool, "Generated Poisson arrivals at 0.7, 64 seats", poisson, 0.7, 64, names)
        for seats in (64, 256):
            for load in (0.3, 0.5):
                table(folder, pool, f"Azure at {load}, {seats} seats", azure, load, seats, names)


if __name__ == "__main__":
    main()

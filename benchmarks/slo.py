#!/usr/bin/env python3
"""Makes the tables of results/slo.md: python3 benchmarks/slo.py DATA [JOBS]. DATA holds traces/azure2023_{code,conv}*.csv.gz,
traces/mooncake_conversation*.csv.gz and profiles/splitwise_prefill_decode.csv. Needs a release build of llmsched."""
import csv, glob, gzip, json, os, pathlib, subprocess, sys, tempfile
from concurrent.futures import ThreadPoolExecutor

TOOL = pathlib.Path(__file__).resolve().parent.parent / "src/LlmScheduling.Tool/bin/Release/net10.0/llmsched"
SIMPLE = ["fcfs", "edf", "shortest-prompt-first", "shortest-predicted-first", "shortest-work-first"]
SLO = {"medium": {"code": {"e2e_ms": 5000}, "chat": {"ttft_ms": 2000, "tpot_ms": 200}},
       "tight": {"code": {"e2e_ms": 2500}, "chat": {"ttft_ms": 1000, "tpot_ms": 100}},
       "long": {"chat": {"ttft_ms": 15000, "tpot_ms": 200}}}
RULES = ["atc", "slo", "slo-pausing", "slo:refuse=1"]
# trace, engine, objectives, loads, tau, policies
CELLS = [("azure", "h100-64", "medium", (0.3, 0.5, 0.7, 0.85, 1.0, 1.2), 0.65, SIMPLE + RULES),
         ("azure", "h100-256", "medium", (0.3, 0.5, 0.7, 0.85, 1.0, 1.2), 0.65, SIMPLE + RULES),
         ("azure", "h100-256", "tight", (0.85, 1.0, 1.2), 0.65, SIMPLE + RULES),
         ("mooncake", "h100-kv", "long", (0.85, 1.0), 0.65, SIMPLE + RULES),
         ("azure", "a100-64", "medium", (0.7, 0.85, 1.0, 1.2), 0.65, ["fcfs"] + RULES),
         ("azure", "h100-64", "medium", (1.0,), 0.3, ["atc", "slo:spread=0", "slo"]),
         ("poisson", "h100-64", "medium", (0.7,), 0.65, ["fcfs"] + RULES)]


def rows(pattern, traffic_class, longest=None):
    found = sorted(glob.glob(pattern))
    for row in csv.DictReader(gzip.open(found[0], "rt")):
        if longest is None or int(row["input_tokens"]) < longest:
            yield float(row.get("arrival_s") or row["arrival_seconds"]), int(row["input_tokens"]), max(1, int(row["output_tokens"])), traffic_class


def prepare(data, folder):
    traces = f"{data}/traces"
    azure = sorted([*rows(f"{traces}/azure2023_code*.csv.gz", "code"), *rows(f"{traces}/azure2023_conv*.csv.gz", "chat")])
    mooncake = sorted(rows(f"{traces}/mooncake_conversation*.csv.gz", "chat", 150_000))
    for name, requests, length in (("azure", azure, 4000), ("mooncake", mooncake, 1500)):
        for k in range(3):
            first = k * (len(requests) // 3)
            with open(f"{folder}/{name}{k}.csv", "w") as out:
                out.write("arrival_us,input_tokens,output_tokens,slo_class\n")
                for at, prompt, output, traffic_class in requests[first:first + length]:
                    out.write(f"{round((at - requests[first][0]) * 1e6)},{prompt},{output},{traffic_class}\n")
    for name, classes in SLO.items():
        json.dump({"classes": classes, "default": None}, open(f"{folder}/{name}.json", "w"))
    for gpu in ("h100", "a100"):
        kind = next(row["gpu"] for row in csv.DictReader(open(f"{data}/profiles/splitwise_prefill_decode.csv")) if row["gpu"].startswith(gpu))
        subprocess.run([TOOL, "fit-latency", "--profile", f"{data}/profiles/splitwise_prefill_decode.csv", "--gpu", kind, "--model", "llama2-70b", "--tp", "8",
                        "--form", "linear", "--out", f"{folder}/{gpu}.latency.json"], check=True, capture_output=True)
        for name, seats, tokens, extra in (("64", 64, 2048, {}), ("256", 256, 512, {}), ("kv", 64, 2048, {"kv_block_tokens": 16, "kv_blocks": 81_250})):
            json.dump({"max_sequences": seats, "max_batch_tokens": tokens, "prefill_chunk_tokens": tokens, "chunked_prefill": True,
                       "latency_model": f"{gpu}.latency.json", **extra}, open(f"{folder}/{gpu}-{name}.json", "w"))


def replay(folder, trace, engine, slo, load, tau, policies, k):
    source = ["--workload", "poisson:1:4000", "--seed", str(k + 1)] if trace == "poisson" else ["--trace", f"{folder}/{trace}{k}.csv"]
    command = [TOOL, "simulate", *source, "--engine", f"{folder}/{engine}.json", "--slo", f"{folder}/{slo}.json",
               "--load", str(load), "--lengths", f"noisy:{tau}", "--json", *(word for policy in policies for word in ("--policy", policy))]
    return json.loads(subprocess.run(command, check=True, capture_output=True, text=True).stdout)["policies"]


def main():
    with tempfile.TemporaryDirectory() as folder, ThreadPoolExecutor(int(sys.argv[2]) if len(sys.argv) > 2 else os.cpu_count()) as pool:
        prepare(sys.argv[1], folder)
        for trace, engine, slo, loads, tau, policies in CELLS:
            print(f"\n{trace}, {engine}, {slo}, tau {tau}\n\n| load | policy | SLO met % | each slice | mean e2e s | p99 e2e s | longest wait s | not served |\n|---|---|---:|---|---:|---:|---:|---:|")
            for load in loads:
                runs = list(pool.map(lambda k: replay(folder, trace, engine, slo, load, tau, policies, k), range(3)))
                for policy in policies:
                    of = [run[policy] for run in runs]
                    mean = lambda field: sum(one[field] for one in of) / len(of)
                    refused = sum(one.get("unattainable", 0) for one in of)
                    slices = ", ".join(f"{100 * one['slo_attainment']:.1f}" for one in of)
                    print(f"| {load} | `{policy}` | {100 * mean('slo_attainment'):.1f} | {slices} "
                          f"| {mean('mean_e2e_s'):.2f} | {mean('p99_e2e_s'):.1f} | {mean('max_wait_s'):.0f} | {refused} |", flush=True)


if __name__ == "__main__":
    main()

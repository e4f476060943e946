#!/usr/bin/env python3
"""Makes the tables of results/instances.md: python3 benchmarks/instances.py DATA [POLICY ...]. DATA holds the folders traces and
profiles (where they come from: results/instances.md). Needs a release build of llmsched."""
import csv, gzip, json, pathlib, subprocess, sys, tempfile

TOOL = pathlib.Path(__file__).parent.parent / "src/LlmScheduling.Tool/bin/Release/net10.0/llmsched"
INSTANCES, REQUESTS, SLICES = 4, 6000, 3
ASSIGNMENTS = ["central-queue", "round-robin", "least-work", "largest-memory", "earliest-finish"]
SLOS = {
    "medium": {"code": {"e2e_ms": 5000}, "chat": {"ttft_ms": 2000, "tpot_ms": 200}},
    "tight": {"code": {"e2e_ms": 2500}, "chat": {"ttft_ms": 1000, "tpot_ms": 100}},
    "moon": {"chat": {"ttft_ms": 15000, "tpot_ms": 200}},
}
# Name, trace, seats, tokens per step, KV blocks, objectives.
CASES = [("s64", "azure", 64, 2048, None, "medium"), ("s256", "azure", 256, 512, None, "medium"), ("tight", "azure", 256, 512, None, "tight"), ("moon", "moon", 64, 2048, 81250, "moon")]


def rows(path, of_class, below=None):
    with gzip.open(path, "rt") as file:
        for row in csv.DictReader(file):
            tokens = int(row["input_tokens"])
            if below is None or tokens < below:
                yield float(row.get("arrival_seconds") or row["arrival_s"]), tokens, max(1, int(row["output_tokens"])), of_class


def slices(folder, name, merged):
    """Three slices from the trace's beginning, middle and end; they overlap where it is short."""
    paths = []
    for k in range(SLICES):
        start = k * (len(merged) - REQUESTS) // (SLICES - 1)
        paths.append(folder / f"{name}{k}.csv")
        lines = [f"{round((at - merged[start][0]) * 1e6)},{i},{o},{c}\n" for at, i, o, c in merged[start:start + REQUESTS]]
        paths[-1].write_text("arrival_us,input_tokens,output_tokens,slo_class\n" + "".join(lines))
    return paths


def simulate(trace, engine, slo, policies, assignment):
    command = [TOOL, "simulate", "--trace", trace, "--engine", engine, "--slo", slo, "--load", "1.0", "--lengths", "noisy:0.65", "--json",
               "--instances", str(INSTANCES), "--assignment", assignment, *(word for policy in policies for word in ("--policy", policy))]
    return json.loads(subprocess.run(command, check=True, capture_output=True, text=True).stdout)["policies"]


def main():
    data, policies = pathlib.Path(sys.argv[1]), sys.argv[2:] or ["fcfs", "shortest-work-first", "atc", "slo"]
    with tempfile.TemporaryDirectory() as name:
        folder, traces = pathlib.Path(name), data / "traces"
        subprocess.run([TOOL, "fit-latency", "--profile", data / "profiles/splitwise_prefill_decode.csv", "--gpu", "h100-80gb", "--model", "llama2-70b", "--tp", "8", "--form", "linear", "--out", folder / "model.json"], check=True, capture_output=True)
        azure = sorted([*rows(traces / "azure2023_code.first70.csv.gz", "code"), *rows(traces / "azure2023_conv.first70.csv.gz", "chat")])
        moon = sorted(rows(traces / "mooncake_conversation.first70.csv.gz", "chat", 150_000))
        of = {"azure": slices(folder, "azure", azure), "moon": slices(folder, "moon", moon)}
        for slo, classes in SLOS.items():
            (folder / f"{slo}.json").write_text(json.dumps({"classes": classes, "default": None}))
        print("| case | policy | " + " | ".join(ASSIGNMENTS) + " | central over round robin, points by slice |\n|---|---|" + "---:|" * len(ASSIGNMENTS) + "---|")
        for case, trace, seats, tokens, blocks, slo in CASES:
            engine = folder / f"{case}.engine.json"
            engine.write_text(json.dumps({"max_sequences": seats, "max_batch_tokens": tokens, "prefill_chunk_tokens": tokens, "kv_blocks": blocks, "latency_model": "model.json"}))
            runs = {a: [simulate(path, engine, folder / f"{slo}.json", policies, a) for path in of[trace]] for a in ASSIGNMENTS}
            for policy in policies:
                met = {a: [100 * run[policy]["slo_attainment"] for run in runs[a]] for a in ASSIGNMENTS}
                e2e = {a: sum(run[policy]["mean_e2e_s"] for run in runs[a]) / SLICES for a in ASSIGNMENTS}
                cells = " | ".join(f"{sum(met[a]) / SLICES:.1f} ({e2e[a]:.1f} s)" for a in ASSIGNMENTS)
                gains = " ".join(f"{c - r:+.1f}" for c, r in zip(met["central-queue"], met["round-robin"]))
                print(f"| {case} | `{policy}` | {cells} | {gains} |", flush=True)


if __name__ == "__main__":
    main()

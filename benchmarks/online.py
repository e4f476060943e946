#!/usr/bin/env python3
"""Makes the tables of results/online.md: python3 benchmarks/online.py FOLDER. FOLDER holds pairs NAME.train.jsonl.gz, NAME.dev.jsonl.gz of
{"prompt", "prompt_tokens", "response_tokens"}. Needs release builds of llmsched and of LlmScheduling.Benchmarks. Everything random
has a seed that stands in this file."""
import csv, gzip, json, pathlib, random, subprocess, sys, tempfile

ROOT = pathlib.Path(__file__).parent.parent
TOOL = ROOT / "src/LlmScheduling.Tool/bin/Release/net10.0/llmsched"
MEASURE = ROOT / "benchmarks/LlmScheduling.Benchmarks/bin/Release/net10.0/LlmScheduling.Benchmarks.dll"
STEP = {"form": "linear", "coefficients": {"step_s": 0.012, "prefill_token_s": 0.00004, "decode_sequence_s": 0.00012, "context_token_s": 0}}
SETS = ["alpaca__text-davinci-003", "mmlu-pro-cot__Meta-Llama-3-1-8B-Instruct", "gpteacher-codegen__gpt-4", "gpteacher-toolformer__gpt-4",
        "chatdoctor5k__chatgpt", "zeroeval-gsm__gpt-4o-2024-05-13", "gsm8k-test__gpt3-6b-finetuning"]
CHANGES = [(SETS[0], SETS[1]), (SETS[1], SETS[0]), (SETS[3], SETS[0]), (SETS[4], SETS[2]), (SETS[0], SETS[3])]
CASES = [("fcfs", "oracle"), ("shortest-ranked-first", "oracle"), ("shortest-ranked-first", "online"), ("pars", "online")]
STARTS = [(SETS[0], SETS[0]), ("mmlu-pro-cot__Mixtral-8x7B-Instruct-v0.1", SETS[1]), (SETS[0], SETS[1]), (SETS[2], SETS[3])]
BURSTS, BURST, SEATS, SEEDS = 10, 200, 32, (1, 2, 3)


def measure(*arguments):
    print(subprocess.run(["dotnet", MEASURE, *map(str, arguments)], check=True, capture_output=True, text=True).stdout, flush=True)


def figures(folder, policy, lengths):
    """Mean end-to-end latency of each burst, and the longest time to a first token of all, in seconds."""
    out = folder / "out"
    subprocess.run([TOOL, "simulate", "--trace", folder / "trace.csv", "--engine", folder / "engine.json", "--policy", policy, "--lengths", lengths, "--out", out, "--json"], check=True, capture_output=True)
    with open(out / f"{policy}.requests.csv", newline="", encoding="utf-8") as file:
        rows = {int(row["id"]): row for row in csv.DictReader(file)}
    means = [sum(int(rows[k]["e2e_us"]) for k in range(burst * BURST, (burst + 1) * BURST)) / BURST / 1e6 for burst in range(BURSTS)]
    return means, max(int(row["ttft_us"]) for row in rows.values()) / 1e6


def installed(name, data, folder):
    """Bursts of prompts, each at an idle server: what a ranker that starts from nothing gains, burst by burst."""
    with gzip.open(data / f"{name}.train.jsonl.gz", "rt", encoding="utf-8") as lines:
        rows = [json.loads(line) for line in lines]
    (folder / "step.json").write_text(json.dumps(STEP))
    (folder / "engine.json").write_text(json.dumps({"max_sequences": SEATS, "max_batch_tokens": 8192, "latency_model": "step.json"}))
    sums, waits = {case: [0] * BURSTS for case in CASES}, {case: 0 for case in CASES}
    for seed in SEEDS:
        draw = random.Random(seed)
        drawn = draw.sample(rows, BURSTS * BURST)
        with open(folder / "trace.csv", "w", newline="", encoding="utf-8") as file:
            writer = csv.writer(file)
            writer.writerow(["id", "arrival_s", "input_tokens", "output_tokens", "prompt"])
            for k, row in enumerate(drawn):
                writer.writerow([k, k // BURST * 3600, max(1, row["prompt_tokens"]), max(1, row["response_tokens"]), row["prompt"]])
        for case in CASES:
            means, wait = figures(folder, *case)
            sums[case], waits[case] = [a + b for a, b in zip(sums[case], means)], max(waits[case], wait)
    fcfs, oracle = sums[CASES[0]], sums[CASES[1]]
    for case in CASES[2:]:
        shares = [f"{(fcfs[k] - sums[case][k]) / (fcfs[k] - oracle[k]):.0%}" for k in range(BURSTS)]
        print(f"| {name} | {case[0]} | " + " | ".join(shares) + f" | {waits[case]:.0f} / {waits[CASES[0]]:.0f} / {waits[CASES[1]]:.0f} |", flush=True)


def main():
    data = pathlib.Path(sys.argv[1])
    measure("online-ranking", data, 1, *SETS)
    measure("online-start", data, 1, *(name for start in STARTS for name in start))
    measure("length-coverage", data, 1, "dev", *(name for change in CHANGES for name in change))
    with tempfile.TemporaryDirectory() as name:
        print("| bursts from | policy | " + " | ".join(str(burst + 1) for burst in range(BURSTS)) + " | longest TTFT, s: this / fcfs / oracle |\n|---" + "|---" * (BURSTS + 2) + "|")
        for each in SETS[:5]:  # the others have too few prompts to draw from without a repetition, which a ranker would know again
            installed(each, data, pathlib.Path(name))


if __name__ == "__main__":
    main()

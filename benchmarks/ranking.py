#!/usr/bin/env python3
"""Makes the tables of results/ranking.md: python3 benchmarks/ranking.py FOLDER [LEAST_TEST_PROMPTS]. FOLDER holds pairs NAME.train.jsonl.gz,
NAME.dev.jsonl.gz of {"prompt", "prompt_tokens", "response_tokens"}. Needs a release build of llmsched."""
import csv, gzip, json, pathlib, random, subprocess, sys, tempfile

TOOL = pathlib.Path(__file__).parent.parent / "src/LlmScheduling.Tool/bin/Release/net10.0/llmsched"
BURST, SEATS = 2000, 64
STEP = {"form": "linear", "coefficients": {"step_s": 0.012, "prefill_token_s": 0.00004, "decode_sequence_s": 0.00012, "context_token_s": 0}}
AIMS = ["alpaca__text-davinci-003", "mmlu-pro-cot__Meta-Llama-3-1-8B-Instruct", "gpteacher-toolformer__gpt-4", "gpteacher-codegen__gpt-4", "chatdoctor5k__chatgpt"]
MODELS = [f"mmlu-pro-cot__{model}" for model in ("Meta-Llama-3-1-8B-Instruct", "Mixtral-8x7B-Instruct-v0.1", "Qwen1.5-72B-Chat", "gemini-1.5-flash-002")]
CASES = [("fcfs", "oracle"), ("shortest-ranked-first", "ranker"), ("shortest-ranked-first", "oracle"), ("pars", "ranker")]


def llmsched(*arguments):
    return json.loads(subprocess.run([TOOL, *map(str, arguments), "--json"], check=True, capture_output=True, text=True).stdout)


def train(train_file, dev_file, out, *options):
    return llmsched("train-ranker", "--data", train_file, "--dev", dev_file, "--out", out, *options)


def rows_of(path):
    with gzip.open(path, "rt", encoding="utf-8") as lines:
        return [json.loads(line) for line in lines]


def burst(name, dev_file, ranker, folder):
    """A burst of requests drawn with replacement from prompts that the ranker has not seen."""
    engine, trace, rows = folder / "engine.json", folder / "trace.csv", rows_of(dev_file)
    (folder / "step.json").write_text(json.dumps(STEP))
    engine.write_text(json.dumps({"max_sequences": SEATS, "max_batch_tokens": 8192, "latency_model": "step.json"}))
    taus = []
    for seed in (1, 2, 3):
        draw = random.Random(seed)
        with open(trace, "w", newline="", encoding="utf-8") as file:
            writer = csv.writer(file)
            writer.writerow(["arrival_us", "input_tokens", "output_tokens", "prompt"])
            for row in draw.choices(rows, k=BURST):
                writer.writerow([0, max(1, row["prompt_tokens"]), max(1, row["response_tokens"]), row["prompt"]])
        figures = []
        for policy, lengths in CASES:
            run = llmsched("simulate", "--trace", trace, "--engine", engine, "--policy", policy, "--lengths", f"ranker:{ranker}" if lengths == "ranker" else lengths)["policies"][policy]
            figures.append((run["mean_e2e_s"], run["mean_normalized_latency_s"], run["max_wait_s"]))
        taus.append(figures)
    mean = [[sum(figures[case][k] for figures in taus) / len(taus) for k in range(3)] for case in range(len(CASES))]
    fcfs, oracle = mean[0], mean[2]
    for (policy, lengths), figures in zip(CASES, mean):
        shares = " | ".join("-" if fcfs[k] == oracle[k] else f"{(fcfs[k] - figures[k]) / (fcfs[k] - oracle[k]):.0%}" for k in (0, 1))
        print(f"| {name} | {policy}, {lengths} | {figures[0]:.1f} | {figures[1]:.3f} | {shares} | {figures[2]:.1f} |", flush=True)


def transfer(sets, data, folder):
    """Every ranker on every set's dev."""
    print("\n| learnt from, tested on | " + " | ".join(sets) + " |\n|---" + "|---" * len(sets) + "|")
    for each in sets:
        train(*(data / f"{each}.{part}.jsonl.gz" for part in ("train", "dev")), folder / "r.ranker")
        taus = [llmsched("evaluate-ranker", "--data", data / f"{other}.dev.jsonl.gz", "--ranker", folder / "r.ranker") for other in sets]
        print(f"| {each} | " + " | ".join(f"{row['kendall_tau_b']:.3f}" for row in taus) + " |", flush=True)


def main():
    data, least = pathlib.Path(sys.argv[1]), int(sys.argv[2]) if len(sys.argv) > 2 else 1
    sets = sorted(path.name.removesuffix(".train.jsonl.gz") for path in data.glob("*.train.jsonl.gz"))
    with tempfile.TemporaryDirectory() as name:
        folder = pathlib.Path(name)
        print("| set | train / test | tau-b | prompt length | validation | pairs 20 % apart | below q90 | ranker | int8 | training, s |\n|---|---|---|---|---|---|---|---|---|---|")
        for each in sets:
            files = [data / f"{each}.{part}.jsonl.gz" for part in ("train", "dev")]
            if not files[1].exists() or sum(1 for _ in gzip.open(files[1])) < least or sum(1 for _ in gzip.open(files[0])) < 20:
                continue
            trained = train(*files, folder / "r.ranker")
            dev = trained["dev"]
            tau8 = f"{train(*files, folder / 's.ranker', '--int8')['dev']['kendall_tau_b']:.3f}" if dev["n"] >= 300 else "-"
            if any(dev[key] is None for key in ("kendall_tau_b", "standard_error", "baseline_prompt_length_tau_b")):
                continue
            print(f"| {each} | {trained['rows']} / {dev['n']} | {dev['kendall_tau_b']:.3f} ± {dev['standard_error']:.3f} | {dev['baseline_prompt_length_tau_b']:.3f} | {trained['validation']['kendall_tau_b']:.3f} | "
                  f"{dev['pair_accuracy_gap20']:.3f} | {dev.get('coverage_90', float('nan')):.3f} | {trained['ranker']} | {tau8} | {trained['wall_s']:.2f} |", flush=True)
        for sets in (AIMS, MODELS):
            transfer(sets, data, folder)
        print("\n| burst from | policy, lengths | mean e2e, s | mean normalised, s/token | share of the oracle's gain: e2e | normalised | longest wait, s |\n|---|---|---|---|---|---|---|")
        for each in AIMS[:2]:
            files = [data / f"{each}.{part}.jsonl.gz" for part in ("train", "dev")]
            train(*files, folder / "r.ranker")
            burst(each, files[1], folder / "r.ranker", folder)


if __name__ == "__main__":
    main()

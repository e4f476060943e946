#!/usr/bin/env python3
"""Makes the tables of results/annealing.md: python3 benchmarks/annealing.py [SECONDS_OF_PATIENCE]. Needs a release build of llmsched."""
import json, math, pathlib, random, subprocess, sys, tempfile, time

TOOL = pathlib.Path(__file__).parent.parent / "src/LlmScheduling.Tool/bin/Release/net10.0/llmsched"
PREFILL, DECODE = [0.1, 5.7, 0.01, 43.67], [0.0002, 0.275, 0.00088, 15.85]
REGIMES = {"loose": (0.5, 1.6, 0.2), "medium": (0.2, 0.9, 0.4), "tight": (0.03, 0.4, 0.6)}  # slack from, to (of the makespan), share of requests whose TPOT caps the batch


def runs(i, o, x):
    return PREFILL[0] * x * i + PREFILL[1] * x + PREFILL[2] * i + PREFILL[3], o * (DECODE[1] * x + DECODE[3]) + (DECODE[0] * x + DECODE[2]) * (o * i + o * (o + 1) / 2)


def problem(seed, n, batch, regime):
    """Half code (end-to-end limit), half chat (first token and token limits); limits are slack plus the request's own time in a full batch."""
    draw, (low, high, capped) = random.Random(f"{seed} {n} {batch} {regime}"), REGIMES[regime]
    lengths = [(k % 2, *(max(1, int(draw.lognormvariate(math.log(m), draw.uniform(0.7, 1.2)))) for m in ((120, 200), (140, 190))[k % 2])) for k in range(n)]
    own = sorted(sum(runs(i, o, batch)) for _, i, o in lengths)
    makespan = sum(own[min(k + batch, n) - 1] for k in range(0, n, batch))
    jobs = []
    for chat, i, o in lengths:
        prefill, decode = runs(i, o, batch)
        slack = draw.uniform(low, high) * makespan
        job = {"input_tokens": i, "output_tokens": o}
        if chat:
            job["ttft_ms"] = slack + prefill
            job["tpot_ms"] = runs(i, o, draw.randint(1, batch) if draw.random() < capped else batch)[1] / o * 1.001
        else:
            job["e2e_ms"] = slack + prefill + decode
        jobs.append(job)
    draw.shuffle(jobs)
    return {"max_batch": batch, "latency": {"prefill_ms": PREFILL, "decode_ms": DECODE}, "jobs": jobs}


def solve(path, *options):
    return json.loads(subprocess.run([TOOL, "anneal", "--problem", path, "--json", *map(str, options)], check=True, capture_output=True, text=True).stdout)


def mean(logs):
    return math.exp(sum(logs) / len(logs))


def main():
    end = time.monotonic() + float(sys.argv[1] if len(sys.argv) > 1 else 600)
    with tempfile.TemporaryDirectory() as folder:
        path = f"{folder}/p.json"
        print("| requests | problems | certified | ms, least (ours / published) | G over published, geo-mean / largest | published below the optimum |\n|---|---|---|---|---|---|")
        for n in (6, 8, 10, 12):
            rows = []
            for batch in (2, 4):
                for regime in REGIMES:
                    pathlib.Path(path).write_text(json.dumps(problem(1, n, batch, regime)))
                    rows.append((solve(path, "--repeat", 30), solve(path, "--method", "paper", "--scaled-temperature", "--repeat", 10)))
            logs = [math.log(ours["g_per_s"] / paper["g_per_s"]) for ours, paper in rows]
            certified = sum(ours["certified_optimal"] for ours, _ in rows)
            times = " / ".join(f"{sum(row[k]['elapsed_ms']['min'] for row in rows) / len(rows):.2f}" for k in (0, 1))
            print(f"| {n} | {len(rows)} | {certified} | {times} | {mean(logs):.3f} / {math.exp(max(logs)):.3f} | {sum(log > 1e-9 for log in logs)} |", flush=True)
        print("\n| requests | ours, M/s | published, full evaluation, M/s | ratio |\n|---|---|---|---|")
        for n in (100, 1000):
            pathlib.Path(path).write_text(json.dumps(problem(1, n, 4, "tight")))
            # The difference of two runs leaves the seeds out.
            short, long = (solve(path, "--method", "anneal", "--evaluations", moves, "--repeat", 40)["elapsed_ms"]["min"] for moves in (10_000, 60_000))
            full = solve(path, "--method", "paper", "--scaled-temperature", "--repeat", 20)
            rates = 50 / (long - short), full["evaluations"] / full["elapsed_ms"]["min"] / 1e3
            print(f"| {n} | {rates[0]:.2f} | {rates[1]:.3f} | {rates[0] / rates[1]:.0f} |", flush=True)
        print("\n| requests | limits | budget, ms | G over published (batch 1, 4, 16) | geo-mean | met: arrival order, published, ours (batch 4) | latency over arrival order |\n|---|---|---|---|---|---|---|")
        for n in (20, 50, 100, 200, 1000):
            logs = []
            for regime in REGIMES:
                cells = []
                for batch in (1, 4, 16):
                    if time.monotonic() > end:
                        return
                    pathlib.Path(path).write_text(json.dumps(problem(1, n, batch, regime)))
                    paper = solve(path, "--method", "paper", "--scaled-temperature", "--repeat", 5)
                    ours = solve(path, "--budget-ms", paper["elapsed_ms"]["min"])
                    cells.append((paper, ours, solve(path, "--method", "fcfs")))
                gains = [ours["g_per_s"] / paper["g_per_s"] for paper, ours, _ in cells]
                logs += map(math.log, gains)
                met = ", ".join(str(cells[1][k]["met"]) for k in (2, 0, 1))
                budgets = ", ".join(f"{cell[0]['elapsed_ms']['min']:.1f}" for cell in cells)
                latency = mean([math.log(ours["total_latency_s"] / rule["total_latency_s"]) for _, ours, rule in cells])
                print(f"| {n} | {regime} | {budgets} | {', '.join(f'{g:.2f}' for g in gains)} | {mean(list(map(math.log, gains))):.2f} | {met} | {latency:.2f} |", flush=True)
            print(f"| {n} | all | | | {mean(logs):.2f} | | |", flush=True)


main()

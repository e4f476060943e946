#!/usr/bin/env python3
"""Makes the tables of results/guards.md: python3 benchmarks/guards.py FOLDER. Needs a release build of llmsched.

FOLDER has azure0.csv to azure2.csv (code and conversation merged), burst.csv (2,000 requests at once), and the engines
h100-s64.json, h100-s256.json and burst.json, with the objectives medium.json."""
import json, pathlib, subprocess, sys

TOOL = pathlib.Path(__file__).parent.parent / "src/LlmScheduling.Tool/bin/Release/net10.0/llmsched"
WORK, RANKED = "shortest-work-first", "shortest-ranked-first"
GUARDS = [WORK, f"{WORK}+backlog-guard", "backlog-boost", "soft-boost", f"{WORK}+starvation:max_wait_s=30", f"{WORK}+starvation:max_wait_s=120", f"{WORK}+aging", RANKED, "pars"]
COMPARED = ["gittins", "shortest-bound-first", "shortest-remaining-first", "least-slack", "scorpio", "scorpio:defer=1", "moore-hodgson", "atc"]
LOADS = (0.85, 1.0, 1.2, 1.5)
SEATS = (64, 256)
SLICES = (0, 1, 2)


def replay(folder, trace, engine, policies, *options):
    command = [TOOL, "simulate", "--trace", f"{trace}.csv", "--engine", f"{engine}.json", "--lengths", "noisy:0.65", "--json", *options]
    for policy in policies:
        command += ["--policy", policy]
    return json.loads(subprocess.run(command, check=True, capture_output=True, text=True, cwd=folder).stdout)["policies"]


def mean(values):
    return sum(values) / len(values)


def cell(runs, policy):
    """Share of shortest work's gain in mean latency, p99 and longest wait over first come first served's; means over the slices."""
    def against(run):
        first, work, this = run["fcfs"], run[WORK], run[policy]
        return ((first["mean_e2e_s"] - this["mean_e2e_s"]) / (first["mean_e2e_s"] - work["mean_e2e_s"]),
                this["p99_e2e_s"] / first["p99_e2e_s"], this["max_wait_s"] / first["max_wait_s"])
    return [mean(values) for values in zip(*map(against, runs))]


def main():
    folder = sys.argv[1]
    runs = {(seats, load): [replay(folder, f"azure{k}", f"h100-s{seats}", ["fcfs", *GUARDS, *COMPARED], "--slo", "medium.json", "--load", str(load)) for k in SLICES] for seats in SEATS for load in LOADS}
    for seats in SEATS:
        print(f"\n{seats} seats: share of the gain kept / p99 / longest wait\n\n| policy | " + " | ".join(map(str, LOADS)) + " | mean |\n|---|" + "---|" * (len(LOADS) + 1))
        for policy in GUARDS:
            cells = [cell(runs[seats, load], policy) for load in LOADS]
            cells.append([mean(values) for values in zip(*cells)])
            print(f"| `{policy}` | " + " | ".join(f"{100 * kept:.0f} % / {p99:.2f} / {wait:.2f}" for kept, p99, wait in cells) + " |")
    print("\nBoth engines, all loads: share of the gain kept / p99 / longest wait\n\n| policy | mean |\n|---|---|")
    for policy in GUARDS:
        kept, p99, wait = (mean(values) for values in zip(*(cell(some, policy) for some in runs.values())))
        print(f"| `{policy}` | {100 * kept:.0f} % / {p99:.2f} / {wait:.2f} |")
    print("\nObjectives met, % (mean latency of the completed over first come first served's)\n\n| policy | " + " | ".join(f"{seats} seats, {load}" for seats in SEATS for load in LOADS) + " |\n|---|" + "---|" * 8)
    for policy in ["fcfs", *GUARDS, *COMPARED]:
        cells = [(mean([100 * run[policy]["slo_attainment"] for run in some]), mean([run[policy]["mean_e2e_s"] / run["fcfs"]["mean_e2e_s"] for run in some])) for some in runs.values()]
        print(f"| `{policy}` | " + " | ".join(f"{met:.1f} ({ratio:.2f})" for met, ratio in cells) + " |")

    burst = replay(folder, "burst", "burst", ["fcfs", RANKED, f"{RANKED}+aging+backlog-guard", "pars"])
    oracle = json.loads(subprocess.run([TOOL, "simulate", "--trace", "burst.csv", "--engine", "burst.json", "--policy", RANKED, "--json"], check=True, capture_output=True, text=True, cwd=folder).stdout)["policies"][RANKED]
    print("\nBurst: seconds, and share of the oracle's gain\n\n| policy | mean e2e | per token | p99 e2e | longest wait |\n|---|---|---|---|---|")
    for name, run in [*burst.items(), ("lengths known: " + RANKED, oracle)]:
        shares = [(burst["fcfs"][key] - run[key]) / (burst["fcfs"][key] - oracle[key]) for key in ("mean_e2e_s", "mean_normalized_latency_s")]
        print(f"| `{name}` | {run['mean_e2e_s']:.2f} ({100 * shares[0]:.0f} %) | {run['mean_normalized_latency_s']:.3f} ({100 * shares[1]:.0f} %) | {run['p99_e2e_s']:.1f} | {run['max_wait_s']:.1f} |")


main()

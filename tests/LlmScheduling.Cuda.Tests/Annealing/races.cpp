// Runs launches of the kernel on a problem of its own and prints what they wrote. Built with -DTHREADED and -fsanitize=thread the block's
// threads are the host's and a race is an error; the output must be that of the build without.
#include <cstdio>
#include "annealing.cu"

static unsigned long long drawn = 12345;

static int below(int bound)
{
    drawn = drawn * 6364136223846793005ull + 1442695040888963407ull;
    return (int)((drawn >> 33) % (unsigned)bound);
}

static void run(int jobs, int max_batch, int scenarios, int stride, int lanes, int state_is_shared, int slack_is_shared)
{
    const int chains = 2, length = 2 * jobs + 2;
    std::vector<int> runs(jobs * max_batch * stride), latest(runs.size()), ranks(jobs), schedules(chains * length), next(schedules), best(schedules);
    std::vector<double> logarithms(4096, -0.5);
    std::vector<wide> values(chains, 0), next_values(chains, 0), best_values(chains, -1);
    for (size_t i = 0; i < runs.size(); ++i)
    {
        runs[i] = 100 + below(1000);
        latest[i] = below(4) == 0 ? -(1 << 30) : below(jobs * 600);
    }

    for (int job = 0; job < jobs; ++job)
        ranks[job] = job;
    for (int chain = 0; chain < chains; ++chain)
    {
        int* schedule = &schedules[chain * length];
        schedule[0] = jobs;
        for (int job = 0; job < jobs; ++job)
            schedule[1 + job] = schedule[1 + jobs + job] = job;
        schedule[1 + 2 * jobs] = jobs;
    }

    std::vector<char> workspace(chains << 20);
    ChainLaunch launch = {};
    launch.runs = runs.data();
    launch.latest = latest.data();
    launch.ranks = ranks.data();
    launch.logarithms = logarithms.data();
    launch.best_schedules = best.data();
    launch.best_values = best_values.data();
    launch.workspace = workspace.data();
    launch.workspace_bytes = 1 << 20;
    launch.seed = 7;
    launch.temperature = 0.02;
    launch.unit = 1 << 20;
    launch.jobs = jobs;
    launch.max_batch = max_batch;
    launch.scenarios = scenarios;
    launch.stride = stride;
    launch.moves = 60;
    launch.state_is_shared = state_is_shared;
    launch.slack_is_shared = slack_is_shared;
    for (launch.launch = 0; launch.launch < 3; ++launch.launch)
    {
        launch.partner = launch.launch == 0 ? 0 : 1;
        launch.schedules = schedules.data();
        launch.next_schedules = next.data();
        launch.values = values.data();
        launch.next_values = next_values.data();
        void* argument = &launch;
        host_annealing_chains(chains, lanes, 1 << 20, &argument);
        schedules.swap(next);
        values.swap(next_values);
        for (int chain = 0; chain < chains; ++chain)
        {
            std::printf("%lld %lld:", values[chain], best_values[chain]);
            for (int i = 0; i < 2 + jobs + schedules[chain * length]; ++i)
                std::printf(" %d", schedules[chain * length + i]);
            std::printf("\n");
        }
    }
}

int main()
{
    run(9, 3, 40, 64, 64, 1, 1);
    run(30, 8, 20, 32, 32, 1, 0);
    run(50, 1, 65, 96, 96, 0, 0);
    return 0;
}

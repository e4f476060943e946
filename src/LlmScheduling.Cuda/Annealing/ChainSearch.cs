using System.Numerics;

namespace LlmScheduling;

/// <summary>
/// Searches over scenarios with many chains on a device, in short launches: between two of them every chain may take over the schedule
/// of another that is worth more, the temperature falls, and time and cancellation are looked at.
/// </summary>
/// <remarks>
/// The chains begin where <see cref="CpuAnnealer"/> would, so the result is never below its rules. Their number does not depend on the
/// card: with a bound on evaluations alone the result is a function of problem and seed. One call at a time.
/// </remarks>
internal sealed class ChainSearch(TimeProvider time, int chains = ChainSearch.DefaultChains)
{
    /// <summary>The entry of the kernel.</summary>
    public const string Entry = "annealing_chains";

    /// <summary>How many chains there are: about two for each multiprocessor of a large card. A power of two, so that partners come in pairs.</summary>
    public const int DefaultChains = 256;

    // A launch should take a few milliseconds: so many slacks are about what one thread looks at in that time, where they are in shared memory.
    private const long SlacksOfAThread = 1L << 18;
    private const int LeastMoves = 8, LeastLaunches = 64;

    // The more often chains take over from each other the better; but every launch evaluates its schedules anew, which costs a few moves.
    private const int MostMoves = 32;

    // A wait for the device costs about as much as a launch, so several are under way before the host looks at what they took.
    private const int MostMovesUntilLook = 1024;

    private readonly SearchBudget _budget = new(time);
    private readonly ScenarioTable _table = new();
    private readonly ScenarioStart _start = new(time);
    private readonly LaunchPace _pace = new(time);
    private readonly long[] _values = new long[chains];
    private int[] _schedules = [], _sizes = [];

    /// <summary>Fills <paramref name="result"/>, as <see cref="IScheduleAnnealer.AnnealAsync"/>; whatever the device throws passes through.</summary>
    public void Run(IKernelDevice device, AnnealingProblem problem, AnnealingSchedule result, CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        problem.Check();
        _budget.Begin(problem);
        if (problem.Jobs.IsEmpty)
        {
            result.Set(problem, [], []);
            result.IsCertifiedOptimal = true;
            return;
        }

        _table.Fill(problem);
        _start.Find(problem, _table, _budget, cancellationToken);
        ChainLaunch launch = Upload(device, problem, out ChainLayout layout);
        Search(device, layout, launch, cancellationToken);
        ReadBest(device, launch, problem, result);
        _start.KeepTheRule(problem, result);
        result.IsCertifiedOptimal = problem.Jobs.Length == 1;
        result.Evaluations = _budget.Evaluations;
    }

    private ChainLaunch Upload(IKernelDevice device, AnnealingProblem problem, out ChainLayout layout)
    {
        int jobs = _table.JobCount, length = 2 * jobs + 2, entries = _table.Entries;
        layout = new ChainLayout(jobs, _table.ScenarioCount, _table.Stride, device.MostSharedBytes);
        long schedules = 4L * chains * length;
        var launch = new ChainLaunch
        {
            Runs = device.Buffer(0, 4L * entries),
            Latest = device.Buffer(1, 4L * entries),
            Ranks = device.Buffer(2, 4L * jobs),
            Logarithms = device.Buffer(3, 8L * MoveRandom.Logarithms.Length),
            Schedules = device.Buffer(4, schedules),
            NextSchedules = device.Buffer(5, schedules),
            Values = device.Buffer(6, 8L * chains),
            NextValues = device.Buffer(7, 8L * chains),
            BestSchedules = device.Buffer(8, schedules),
            BestValues = device.Buffer(9, 8L * chains),
            Workspace = device.Buffer(10, Math.Max(8, chains * layout.WorkspaceBytes)),
            WorkspaceBytes = layout.WorkspaceBytes,
            Seed = problem.Seed,
            Unit = _table.Unit,
            Jobs = jobs,
            MaxBatch = _table.MaxBatch,
            Scenarios = _table.ScenarioCount,
            Stride = _table.Stride,
            StateIsShared = layout.StateIsShared ? 1 : 0,
            SlackIsShared = layout.SlackIsShared ? 1 : 0,
        };
        device.CopyTo(launch.Runs, _table.Runs[..entries]);
        device.CopyTo(launch.Latest, _table.Latest[..entries]);
        device.CopyTo(launch.Ranks, _table.Ranks);
        device.CopyTo(launch.Logarithms, MoveRandom.Logarithms);
        ReadOnlySpan<int> start = StartOfAll(length);
        device.CopyTo(launch.Schedules, start);
        // What lies behind a schedule's last offset is copied back with it, and would otherwise never have been written.
        device.CopyTo(launch.BestSchedules, start);
        _values.AsSpan().Clear();
        device.CopyTo<long>(launch.Values, _values);
        _values.AsSpan().Fill(-1);
        device.CopyTo<long>(launch.BestValues, _values);
        return launch;
    }

    private ReadOnlySpan<int> StartOfAll(int length)
    {
        if (_schedules.Length < chains * length)
            (_schedules, _sizes) = (new int[chains * length], new int[_table.JobCount]);
        Span<int> first = _schedules.AsSpan(0, length);
        first[0] = _start.Sizes.Length;
        _start.Order.CopyTo(first[1..]);
        Span<int> offsets = first[(1 + _table.JobCount)..];
        offsets.Clear();
        for (int batch = 0; batch < _start.Sizes.Length; batch++)
            offsets[batch + 1] = offsets[batch] + _start.Sizes[batch];
        for (int chain = 1; chain < chains; chain++)
            first.CopyTo(_schedules.AsSpan(chain * length, length));
        return _schedules.AsSpan(0, chains * length);
    }

    private void Search(IKernelDevice device, in ChainLayout layout, ChainLaunch launch, CancellationToken cancellationToken)
    {
        (double hot, double cold, _) = IncrementalSearch.Cooling(_table.JobCount);
        double began = _budget.Used(), coolings = Math.Log(cold / hot);
        int most = MostMovesOfALaunch(layout.Lanes), untilLook = 0;
        _pace.Begin(double.IsFinite(_budget.SecondsLeft) ? MostMovesUntilLook : most, _budget.SecondsLeft);
        for (int number = 0; ; number++)
        {
            double used = _budget.Used();
            if (untilLook < 1 && used < 1)
                untilLook = _pace.Next(_budget.SecondsLeft);
            int moves = used < 1 ? (int)Math.Min(Math.Min(untilLook, most), _budget.EvaluationsLeft / chains) : 0;
            if (number > 0 && moves < 1)
                break;
            cancellationToken.ThrowIfCancellationRequested();
            launch.Launch = number;
            launch.Moves = moves;
            launch.Partner = number == 0 ? 0 : chains >> (1 + number % BitOperations.Log2((uint)chains));
            launch.Temperature = hot * Math.Exp(coolings * Math.Clamp((used - began) / (1 - began), 0, 1)) / _table.JobCount;
            device.Launch(Entry, chains, layout.Lanes, layout.SharedBytes, launch);
            _budget.Evaluations += (long)launch.Moves * chains;
            (launch.Schedules, launch.NextSchedules) = (launch.NextSchedules, launch.Schedules);
            (launch.Values, launch.NextValues) = (launch.NextValues, launch.Values);
            untilLook -= moves;
            // Waits for what was launched: the clock then says how long it took.
            if (untilLook < 1)
                device.CopyFrom<long>(_values, launch.BestValues);
        }

        if (untilLook > 0)
            device.CopyFrom<long>(_values, launch.BestValues);
    }

    private int MostMovesOfALaunch(int lanes)
    {
        // Where time bounds the search, what a launch takes is seen and need not be guessed.
        double most = double.IsFinite(_budget.SecondsLeft) ? MostMoves : Math.Clamp(SlacksOfAThread / ((long)_table.JobCount * ((_table.ScenarioCount + lanes - 1) / lanes)), LeastMoves, MostMoves);
        if (double.IsFinite(_budget.EvaluationsLeft))
            most = Math.Clamp(_budget.EvaluationsLeft / chains / LeastLaunches, 1, most);
        return (int)most;
    }

    private void ReadBest(IKernelDevice device, in ChainLaunch launch, AnnealingProblem problem, AnnealingSchedule result)
    {
        int best = 0, length = 2 * launch.Jobs + 2;
        for (int chain = 1; chain < chains; chain++)
            best = _values[chain] > _values[best] ? chain : best;
        Span<int> schedule = _schedules.AsSpan(0, length);
        device.CopyFrom(schedule, launch.BestSchedules + (ulong)(4L * best * length));
        int batches = schedule[0];
        ReadOnlySpan<int> offsets = schedule[(1 + launch.Jobs)..];
        for (int batch = 0; batch < batches; batch++)
            _sizes[batch] = offsets[batch + 1] - offsets[batch];
        result.Set(problem, schedule.Slice(1, launch.Jobs), _sizes.AsSpan(0, batches));
    }
}

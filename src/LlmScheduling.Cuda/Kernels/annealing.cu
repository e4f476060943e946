// Anneals many schedules over sampled output lengths at once: one block is one chain, one thread holds one or more scenarios.
//
// One source for two compilers. clang makes PTX of it, without a CUDA toolkit (build.sh). A C++ compiler makes a library for the
// host, in which a block's threads become a loop, phase by phase: tests compare it bit by bit with ScenarioChain, which says in C#
// what a chain does. With THREADED a block's threads are threads of the host: a race detector then sees a barrier that is missing. All find the same because everything is whole numbers but two steps, which every IEEE machine does alike
// as long as no multiplication and addition are fused (-ffp-contract=off): the value of a scenario, and the threshold of a move.
//
// A phase is EACH_LANE(lane) { ... } BARRIER(). What stands between phases is done by all threads alike, from the same numbers: it
// may read what earlier phases wrote and must write nothing that threads share.

#if defined(__CUDA__)
#define ENTRY extern "C" __attribute__((global)) __attribute__((launch_bounds(256)))
#define INSIDE static __attribute__((device)) inline
#define EACH_LANE(lane) for (int lane = __nvvm_read_ptx_sreg_tid_x(), once = 1; once; once = 0)
#define BARRIER() __syncthreads()
extern __attribute__((shared)) __attribute__((aligned(16))) char shared_memory[];
#elif defined(THREADED)
#include <pthread.h>
#include <thread>
#include <vector>
static thread_local int this_lane;
static thread_local pthread_barrier_t* block_barrier;
#define INSIDE static inline
#define EACH_LANE(lane) for (int lane = this_lane, once = 1; once; once = 0)
#define BARRIER() pthread_barrier_wait(block_barrier)
#else
#include <vector>
#define INSIDE static inline
#define EACH_LANE(lane) for (int lane = 0; lane < lanes; ++lane)
#define BARRIER()
#endif

typedef long long wide;
typedef unsigned long long bits;

// The same fields in the same order as ChainLaunch in C#.
struct ChainLaunch
{
    const int* runs;
    const int* latest;
    const int* ranks;
    const double* logarithms;
    const int* schedules;
    int* next_schedules;
    const wide* values;
    wide* next_values;
    int* best_schedules;
    wide* best_values;
    char* workspace;
    wide workspace_bytes;
    bits seed;
    double temperature;
    double unit;
    int jobs, max_batch, scenarios, stride;
    int moves, launch, partner, state_is_shared, slack_is_shared, padding;
};

static const int head = 1024, moves_of_a_kind = 8, logarithm_bits = 12, summing_lanes = 32;

// SplitMix64, as MoveRandom.
struct Random
{
    bits state;
};

INSIDE bits next_bits(Random& random)
{
    bits z = random.state += 0x9E3779B97F4A7C15ull;
    z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9ull;
    z = (z ^ (z >> 27)) * 0x94D049BB133111EBull;
    return z ^ (z >> 31);
}

INSIDE int next_below(Random& random, int bound)
{
    return (int)(((next_bits(random) >> 32) * (bits)(unsigned)bound) >> 32);
}

INSIDE Random random_of(bits seed, int chain, int launch)
{
    const bits step = 0xD1342543DE82EF95ull;
    Random random = {seed + (bits)chain * step};
    random.state = next_bits(random) + (bits)launch * step;
    random.state = next_bits(random);
    return random;
}

INSIDE int least_of(int a, int b) { return a < b ? a : b; }
INSIDE int most_of(int a, int b) { return a > b ? a : b; }

// ScenarioMove.
struct Move
{
    int first, second, end;
    bool first_is_new, second_is_new;
    int flip, other_flip, pivot, first_count, second_count;
};

// What a chain holds. The first part is the schedule, as BatchOrder; then one number per scenario; then what sums need.
struct Chain
{
    int jobs, max_batch, scenarios, stride, batches;
    const int* runs;
    const int* latest;
    const int* ranks;
    double unit;
    int *order, *batch_of, *offsets, *moved, *moved_offsets;
    wide *total, *next_total, *lane_sums, *bounds, *sums;
    int *met, *next_met, *shift, *other_shift, *end, *slack;
};

INSIDE int size_of(const Chain& chain, int batch) { return chain.offsets[batch + 1] - chain.offsets[batch]; }

// Where the tables hold a job in a batch of some size in a scenario: as ScenarioTable, in blocks of 32 scenarios.
INSIDE int place_of(const Chain& chain, int job, int size, int scenario)
{
    return ((scenario >> 5) * chain.jobs * chain.max_batch + job * chain.max_batch + size - 1) * 32 + (scenario & 31);
}

// A batch's start in a scenario follows from any of its jobs; behind the last batch it is the end of all.
INSIDE int start_of(const Chain& chain, int batch, int scenario)
{
    if (batch == chain.batches)
        return chain.end[scenario];
    int job = chain.order[chain.offsets[batch]];
    return chain.latest[place_of(chain, job, size_of(chain, batch), scenario)] - chain.slack[job * chain.stride + scenario];
}

INSIDE wide value_of(const Chain& chain, int met, wide total)
{
    return (wide)((double)(met * head + 1) * chain.unit / (double)total);
}

INSIDE bool goes_second(const Chain& chain, const Move& move, int position)
{
    if (move.pivot >= 0)
        return chain.ranks[chain.order[position]] > move.pivot;
    return (position >= chain.offsets[move.second]) ^ (position == move.flip) ^ (position == move.other_flip);
}

// ScenarioMoves: the draws below are made in its order.
INSIDE int partner_of(int batch, int batches, Random& random)
{
    int draw = next_below(random, 4);
    return draw >= 2 ? next_below(random, batches) : most_of(0, least_of(batches - 1, batch + 2 * draw - 1));
}

INSIDE bool draw_swap(const Chain& chain, Random& random, Move& move)
{
    int position = next_below(random, chain.jobs), batch = chain.batch_of[position];
    int other = next_below(random, chain.jobs), other_batch = chain.batch_of[other];
    if (next_below(random, 2) == 0 && batch + 1 < chain.batches)
    {
        other_batch = batch + 1;
        other = chain.offsets[other_batch] + next_below(random, size_of(chain, other_batch));
    }

    move.first = least_of(batch, other_batch);
    move.second = most_of(batch, other_batch);
    move.flip = position;
    move.other_flip = other;
    move.first_count = size_of(chain, move.first);
    move.second_count = size_of(chain, move.second);
    return batch != other_batch;
}

INSIDE bool draw_handover(const Chain& chain, Random& random, Move& move)
{
    int position = next_below(random, chain.jobs), from = chain.batch_of[position];
    int to = next_below(random, 8) == 0 ? chain.batches - 1 : partner_of(from, chain.batches, random);
    if (from == to || size_of(chain, to) >= chain.max_batch)
        return false;
    int to_first = from < to ? -1 : 1;
    move.first = least_of(from, to);
    move.second = most_of(from, to);
    move.flip = position;
    move.first_count = size_of(chain, move.first) + to_first;
    move.second_count = size_of(chain, move.second) - to_first;
    return true;
}

INSIDE bool draw_new_batch(const Chain& chain, Random& random, Move& move)
{
    int position = next_below(random, chain.jobs), from = chain.batch_of[position];
    int before = next_below(random, chain.batches + 1), left = size_of(chain, from) - 1;
    move.flip = position;
    move.first_is_new = before <= from;
    move.second_is_new = !move.first_is_new;
    move.first = least_of(before, from);
    move.second = most_of(before, from);
    move.first_count = move.first_is_new ? 1 : left;
    move.second_count = move.first_is_new ? left : 1;
    return left > 0;
}

INSIDE bool draw_split(const Chain& chain, Random& random, Move& move)
{
    int position = next_below(random, chain.jobs), batch = chain.batch_of[position];
    move.first = batch;
    move.second = batch + 1;
    move.second_is_new = true;
    move.pivot = chain.ranks[chain.order[position]];
    for (int i = chain.offsets[batch]; i < chain.offsets[batch + 1]; ++i)
        move.second_count += chain.ranks[chain.order[i]] > move.pivot ? 1 : 0;
    move.first_count = size_of(chain, batch) - move.second_count;
    return move.second_count > 0;
}

INSIDE bool draw_merge(const Chain& chain, Random& random, Move& move)
{
    int batch = next_below(random, chain.batches);
    if (batch + 1 >= chain.batches)
        return false;
    move.first = batch;
    move.second = batch + 1;
    move.pivot = 0x7FFFFFFF;
    move.first_count = size_of(chain, batch) + size_of(chain, batch + 1);
    return move.first_count <= chain.max_batch;
}

INSIDE bool draw_exchange(const Chain& chain, Random& random, Move& move)
{
    int batch = next_below(random, chain.batches), other = partner_of(batch, chain.batches, random);
    move.first = least_of(batch, other);
    move.second = batch < other ? batch + 1 : batch;
    move.end = most_of(batch, other) + 1;
    return batch != other;
}

INSIDE int draw_kind(int max_batch, Random& random)
{
    int kind = next_below(random, 32);
    return max_batch > 1 ? kind : kind < 16 ? 0 : 31;
}

INSIDE bool draw(int kind, const Chain& chain, Random& random, Move& move)
{
    move.first = move.second = move.end = move.first_count = move.second_count = 0;
    move.first_is_new = move.second_is_new = false;
    move.flip = move.other_flip = move.pivot = -1;
    if (kind < 12)
        return draw_swap(chain, random, move);
    if (kind < 23)
        return draw_handover(chain, random, move);
    if (kind < 24)
        return draw_new_batch(chain, random, move);
    if (kind < 26)
        return draw_split(chain, random, move);
    if (kind < 27)
        return draw_merge(chain, random, move);
    return draw_exchange(chain, random, move);
}

// Positions: of the jobs that change, [first_from, first_until) and [second_from, second_until); of those that only start later or
// earlier, [from, until) by the shift and [other_from, other_until) by the other shift.
struct Spans
{
    int first_end, after;
    int first_from, first_until, second_from, second_until, from, until, other_from, other_until;
};

INSIDE Spans spans_of(const Chain& chain, const Move& move)
{
    Spans spans;
    bool exchanges = move.end > 0;
    spans.first_end = move.first_is_new ? move.first : move.first + 1;
    spans.after = move.second_is_new ? move.second : move.second + 1;
    spans.first_from = chain.offsets[move.first];
    spans.first_until = exchanges ? spans.first_from : chain.offsets[spans.first_end];
    spans.second_from = chain.offsets[move.second];
    spans.second_until = exchanges ? spans.second_from : chain.offsets[spans.after];
    spans.from = spans.first_until;
    spans.until = spans.second_from;
    spans.other_from = spans.second_until;
    spans.other_until = exchanges ? chain.offsets[move.end] : chain.jobs;
    return spans;
}

// ScenarioTimeline.WeighExchange, for one scenario.
INSIDE void weigh_exchange(const Chain& chain, const Move& move, const Spans& spans, int s)
{
    int middle = start_of(chain, move.second, s);
    chain.shift[s] = start_of(chain, move.end, s) - middle;
    chain.other_shift[s] = start_of(chain, move.first, s) - middle;
    chain.next_met[s] = chain.met[s];
    chain.next_total[s] = chain.total[s] + (wide)chain.shift[s] * (spans.until - spans.from) + (wide)chain.other_shift[s] * (spans.other_until - spans.other_from);
}

// Adds the jobs of some positions, all of one batch now, to what the two batches will be.
INSIDE void weigh_jobs(const Chain& chain, const Move& move, int from, int until, int s, int& first_longest, int& second_longest, wide& runs, int& met)
{
    for (int position = from; position < until; ++position)
    {
        int job = chain.order[position];
        bool second = goes_second(chain, move, position);
        int run = chain.runs[place_of(chain, job, second ? move.second_count : move.first_count, s)];
        first_longest = most_of(first_longest, second ? 0 : run);
        second_longest = most_of(second_longest, second ? run : 0);
        runs += run - chain.runs[place_of(chain, job, until - from, s)];
        met -= chain.slack[job * chain.stride + s] >= 0 ? 1 : 0;
    }
}

INSIDE int met_there(const Chain& chain, const Move& move, int from, int until, int s, int first_start, int second_start)
{
    int met = 0;
    for (int position = from; position < until; ++position)
    {
        bool second = goes_second(chain, move, position);
        int latest = chain.latest[place_of(chain, chain.order[position], second ? move.second_count : move.first_count, s)];
        met += latest >= (second ? second_start : first_start) ? 1 : 0;
    }

    return met;
}

// ScenarioTimeline.WeighShare, for one scenario.
INSIDE void weigh_share(const Chain& chain, const Move& move, const Spans& spans, int s)
{
    int first_start = start_of(chain, move.first, s), second_start = start_of(chain, move.second, s);
    int first_longest = 0, second_longest = 0, met = 0;
    wide runs = 0;
    weigh_jobs(chain, move, spans.first_from, spans.first_until, s, first_longest, second_longest, runs, met);
    weigh_jobs(chain, move, spans.second_from, spans.second_until, s, first_longest, second_longest, runs, met);
    int shift = first_longest - (move.first_is_new ? 0 : start_of(chain, move.first + 1, s) - first_start);
    int other_shift = shift + second_longest - (move.second_is_new ? 0 : start_of(chain, move.second + 1, s) - second_start);
    met += met_there(chain, move, spans.first_from, spans.first_until, s, first_start, second_start + shift);
    met += met_there(chain, move, spans.second_from, spans.second_until, s, first_start, second_start + shift);
    chain.shift[s] = shift;
    chain.other_shift[s] = other_shift;
    chain.next_met[s] = chain.met[s] + met;
    chain.next_total[s] = chain.total[s] + runs
        + (wide)first_start * (move.first_count - (spans.first_until - spans.first_from))
        + (wide)second_start * (move.second_count - (spans.second_until - spans.second_from))
        + (wide)shift * (move.second_count + spans.until - spans.from) + (wide)other_shift * (spans.other_until - spans.other_from);
}

// How many more of some jobs are met when they all start later by the shift.
INSIDE int met_after_shift(const Chain& chain, int from, int until, int shift, int s)
{
    int low = least_of(0, shift), count = 0;
    unsigned width = (unsigned)(most_of(0, shift) - low);
    if (width == 0)
        return 0;
    for (int position = from; position < until; ++position)
        count += (unsigned)chain.slack[chain.order[position] * chain.stride + s] - (unsigned)low < width ? 1 : 0;
    return shift > 0 ? -count : count;
}

INSIDE void shift_jobs(const Chain& chain, int from, int until, int shift, int s)
{
    if (shift == 0)
        return;
    for (int position = from; position < until; ++position)
        chain.slack[chain.order[position] * chain.stride + s] -= shift;
}

INSIDE void place_jobs(const Chain& chain, const Move& move, int from, int until, int s, int first_start, int second_start)
{
    for (int position = from; position < until; ++position)
    {
        int job = chain.order[position];
        bool second = goes_second(chain, move, position);
        chain.slack[job * chain.stride + s] =
            chain.latest[place_of(chain, job, second ? move.second_count : move.first_count, s)] - (second ? second_start : first_start);
    }
}

INSIDE void apply_in_scenario(const Chain& chain, const Move& move, const Spans& spans, int s)
{
    int shift = chain.shift[s], other_shift = chain.other_shift[s];
    if (move.end == 0)
    {
        int first_start = start_of(chain, move.first, s), second_start = start_of(chain, move.second, s) + shift;
        place_jobs(chain, move, spans.first_from, spans.first_until, s, first_start, second_start);
        place_jobs(chain, move, spans.second_from, spans.second_until, s, first_start, second_start);
        chain.end[s] += other_shift;
    }

    shift_jobs(chain, spans.from, spans.until, shift, s);
    shift_jobs(chain, spans.other_from, spans.other_until, other_shift, s);
    chain.met[s] = chain.next_met[s];
    chain.total[s] = chain.next_total[s];
}

// Where the job at a position goes: those of a batch keep their order, those of the first batch come first.
INSIDE int moved_to(const Chain& chain, const Move& move, const Spans& spans, int position)
{
    if (move.end > 0)
        return position < spans.second_from ? position + spans.other_until - spans.second_from : position - (spans.second_from - spans.from);
    if (position >= spans.from && position < spans.until)
        return position - spans.from + spans.first_from + move.first_count;
    bool second = goes_second(chain, move, position);
    int to = second ? spans.first_from + move.first_count + spans.until - spans.from : spans.first_from;
    for (int before = spans.first_from; before < position; ++before)
    {
        if (before == spans.from)
            before = spans.until;
        if (before < position && goes_second(chain, move, before) == second)
            ++to;
    }

    return to;
}

INSIDE int batches_after(const Chain& chain, const Move& move, const Spans& spans)
{
    if (move.end > 0)
        return chain.batches;
    return chain.batches + (move.first_count > 0 ? 1 : 0) + (move.second_count > 0 ? 1 : 0) - (spans.first_end - move.first) - (spans.after - move.second);
}

INSIDE int offset_after(const Chain& chain, const Move& move, const Spans& spans, int batch)
{
    if (batch < move.first)
        return chain.offsets[batch];
    if (move.end > 0)
    {
        int placed = move.first + move.end - move.second;
        return batch >= move.end ? chain.offsets[batch]
            : batch < placed ? chain.offsets[batch + move.second - move.first] - (spans.second_from - spans.from)
            : chain.offsets[batch - (move.end - move.second)] + spans.other_until - spans.second_from;
    }

    int between = move.first + (move.first_count > 0 ? 1 : 0), second = between + move.second - spans.first_end;
    int after = second + (move.second_count > 0 ? 1 : 0), wider = spans.first_from + move.first_count - spans.from;
    return batch < between ? spans.first_from
        : batch < second ? chain.offsets[batch - between + spans.first_end] + wider
        : batch < after ? spans.second_from + wider
        : chain.offsets[batch - after + spans.after];
}

INSIDE char* take(char*& memory, wide bytes)
{
    char* taken = memory;
    memory += (bytes + 7) / 8 * 8;
    return taken;
}

// The bytes that this takes are counted in ChainLayout.
INSIDE void hold(Chain& chain, const ChainLaunch& launch, int lanes, char* state, char* slack)
{
    wide n = launch.jobs, s = launch.stride;
    chain.jobs = launch.jobs;
    chain.max_batch = launch.max_batch;
    chain.scenarios = launch.scenarios;
    chain.stride = launch.stride;
    chain.runs = launch.runs;
    chain.latest = launch.latest;
    chain.ranks = launch.ranks;
    chain.unit = launch.unit;
    chain.order = (int*)take(state, n * 4);
    chain.batch_of = (int*)take(state, n * 4);
    chain.offsets = (int*)take(state, (n + 1) * 4);
    chain.moved = (int*)take(state, n * 4);
    chain.moved_offsets = (int*)take(state, (n + 1) * 4);
    chain.total = (wide*)take(state, s * 8);
    chain.next_total = (wide*)take(state, s * 8);
    chain.lane_sums = (wide*)take(state, (wide)lanes * 8);
    chain.bounds = (wide*)take(state, summing_lanes * 8);
    chain.sums = (wide*)take(state, summing_lanes * 8);
    chain.met = (int*)take(state, s * 4);
    chain.next_met = (int*)take(state, s * 4);
    chain.shift = (int*)take(state, s * 4);
    chain.other_shift = (int*)take(state, s * 4);
    chain.end = (int*)take(state, s * 4);
    chain.slack = (int*)slack;
}

// Two sums may be read while the next is made: each has its own place.
INSIDE wide sum_of(const Chain& chain, wide* sums, int lanes)
{
    EACH_LANE(lane)
    {
        if (lane < summing_lanes)
        {
            wide sum = 0;
            for (int other = lane; other < lanes; other += summing_lanes)
                sum += chain.lane_sums[other];
            sums[lane] = sum;
        }
    }
    BARRIER();
    wide sum = 0;
    for (int lane = 0; lane < summing_lanes; ++lane)
        sum += sums[lane];
    return sum;
}

// Evaluates all of the chain's schedule.
INSIDE wide begin(Chain& chain, const int* schedule, int lanes)
{
    int n = chain.jobs;
    chain.batches = schedule[0];
    EACH_LANE(lane)
    {
        for (int i = lane; i < n; i += lanes)
            chain.order[i] = schedule[1 + i];
        for (int batch = lane; batch <= chain.batches; batch += lanes)
            chain.offsets[batch] = schedule[1 + n + batch];
    }
    BARRIER();
    EACH_LANE(lane)
    {
        for (int batch = lane; batch < chain.batches; batch += lanes)
            for (int i = chain.offsets[batch]; i < chain.offsets[batch + 1]; ++i)
                chain.batch_of[i] = batch;
        wide value = 0;
        for (int s = lane; s < chain.scenarios; s += lanes)
        {
            int start = 0, met = 0;
            wide total = 0;
            for (int batch = 0; batch < chain.batches; ++batch)
            {
                int longest = 0, size = size_of(chain, batch);
                for (int i = chain.offsets[batch]; i < chain.offsets[batch + 1]; ++i)
                {
                    int job = chain.order[i], place = place_of(chain, job, size, s), run = chain.runs[place], slack = chain.latest[place] - start;
                    longest = most_of(longest, run);
                    total += (wide)start + run;
                    met += slack >= 0 ? 1 : 0;
                    chain.slack[job * chain.stride + s] = slack;
                }

                start += longest;
            }

            chain.end[s] = start;
            chain.met[s] = met;
            chain.total[s] = total;
            value += value_of(chain, met, total);
        }

        chain.lane_sums[lane] = value;
    }
    BARRIER();
    return sum_of(chain, chain.sums, lanes);
}

// What a move makes of the value; false where that does not reach the least, or cannot.
INSIDE bool reaches(const Chain& chain, const Move& move, const Spans& spans, double least, int lanes, wide& value)
{
    EACH_LANE(lane)
    {
        wide sum = 0;
        for (int s = lane; s < chain.scenarios; s += lanes)
        {
            if (move.end > 0)
                weigh_exchange(chain, move, spans, s);
            else
                weigh_share(chain, move, spans, s);
            int gain = (chain.shift[s] < 0 ? spans.until - spans.from : 0) + (chain.other_shift[s] < 0 ? spans.other_until - spans.other_from : 0);
            sum += value_of(chain, least_of(chain.next_met[s] + gain, chain.jobs), chain.next_total[s]);
        }

        chain.lane_sums[lane] = sum;
    }
    BARRIER();
    value = sum_of(chain, chain.bounds, lanes);
    if ((double)value < least)
        return false;
    EACH_LANE(lane)
    {
        wide sum = 0;
        for (int s = lane; s < chain.scenarios; s += lanes)
        {
            chain.next_met[s] += met_after_shift(chain, spans.from, spans.until, chain.shift[s], s)
                + met_after_shift(chain, spans.other_from, spans.other_until, chain.other_shift[s], s);
            sum += value_of(chain, chain.next_met[s], chain.next_total[s]);
        }

        chain.lane_sums[lane] = sum;
    }
    BARRIER();
    value = sum_of(chain, chain.sums, lanes);
    return (double)value >= least;
}

INSIDE void write_schedule(const Chain& chain, int* schedule, int lane, int lanes)
{
    int n = chain.jobs;
    if (lane == 0)
        schedule[0] = chain.batches;
    for (int i = lane; i < n; i += lanes)
        schedule[1 + i] = chain.order[i];
    for (int batch = lane; batch <= chain.batches; batch += lanes)
        schedule[1 + n + batch] = chain.offsets[batch];
}

INSIDE void apply(Chain& chain, const Move& move, const Spans& spans, int lanes, int* kept)
{
    int batches = batches_after(chain, move, spans), until = move.end > 0 ? spans.other_until : spans.second_until;
    EACH_LANE(lane)
    {
        if (kept)
            write_schedule(chain, kept, lane, lanes);
        for (int i = spans.first_from + lane; i < until; i += lanes)
            chain.moved[moved_to(chain, move, spans, i)] = chain.order[i];
        for (int batch = move.first + lane; batch <= batches; batch += lanes)
            chain.moved_offsets[batch] = offset_after(chain, move, spans, batch);
        for (int s = lane; s < chain.scenarios; s += lanes)
            apply_in_scenario(chain, move, spans, s);
    }
    BARRIER();
    chain.batches = batches;
    EACH_LANE(lane)
    {
        for (int i = spans.first_from + lane; i < until; i += lanes)
            chain.order[i] = chain.moved[i];
        for (int batch = move.first + lane; batch <= batches; batch += lanes)
            chain.offsets[batch] = chain.moved_offsets[batch];
    }
    BARRIER();
    EACH_LANE(lane)
    {
        for (int batch = move.first + lane; batch < batches; batch += lanes)
            for (int i = chain.offsets[batch]; i < chain.offsets[batch + 1]; ++i)
                chain.batch_of[i] = batch;
    }
    BARRIER();
}

// One block: goes on from its schedule or its partner's, whichever is worth more, and keeps the best that it sees.
INSIDE void anneal(const ChainLaunch& launch, int block, int lanes, char* shared)
{
    char* own = launch.workspace + block * launch.workspace_bytes;
    int partner = block ^ launch.partner;
    wide length = 2 * (wide)launch.jobs + 2;
    const int* schedule = launch.schedules + (launch.values[partner] > launch.values[block] ? partner : block) * length;
    int* best_schedule = launch.best_schedules + block * length;

    Chain chain;
    // Both parts stand one behind the other where both are shared or none is.
    char* state = launch.state_is_shared ? shared : own;
    hold(chain, launch, lanes, state, 0);
    char* behind = (char*)(chain.end + launch.stride);
    chain.slack = (int*)(launch.slack_is_shared == launch.state_is_shared ? behind : own);

    wide value = begin(chain, schedule, lanes), best = launch.best_values[block];
    bool best_is_current = value > best;
    if (best_is_current)
        best = value;
    Random random = random_of(launch.seed, block, launch.launch);
    int kind = 0;
    for (int i = 0; i < launch.moves; ++i)
    {
        if (i % moves_of_a_kind == 0)
            kind = draw_kind(launch.max_batch, random);
        double chance = launch.temperature * launch.logarithms[(int)(next_bits(random) >> (64 - logarithm_bits))];
        double least = (double)value * (1 + chance);
        Move move;
        if (!draw(kind, chain, random, move))
            continue;
        Spans spans = spans_of(chain, move);
        wide next;
        if (!reaches(chain, move, spans, least, lanes, next))
            continue;
        int* kept = 0;
        if (next > best)
        {
            best = next;
            best_is_current = true;
        }
        else if (best_is_current)
        {
            kept = best_schedule;
            best_is_current = false;
        }

        apply(chain, move, spans, lanes, kept);
        value = next;
    }

    EACH_LANE(lane)
    {
        write_schedule(chain, launch.next_schedules + block * length, lane, lanes);
        if (best_is_current)
            write_schedule(chain, best_schedule, lane, lanes);
        if (lane == 0)
        {
            launch.next_values[block] = value;
            launch.best_values[block] = best;
        }
    }
}

#if defined(__CUDA__)
ENTRY void annealing_chains(ChainLaunch launch)
{
    anneal(launch, __nvvm_read_ptx_sreg_ctaid_x(), __nvvm_read_ptx_sreg_ntid_x(), shared_memory);
}
#else
static void run_block(const ChainLaunch& launch, int index, int lanes, char* shared)
{
#if defined(THREADED)
    pthread_barrier_t barrier;
    pthread_barrier_init(&barrier, nullptr, (unsigned)lanes);
    std::vector<std::thread> threads;
    for (int lane = 0; lane < lanes; ++lane)
    {
        threads.emplace_back([&, lane] {
            this_lane = lane;
            block_barrier = &barrier;
            anneal(launch, index, lanes, shared);
        });
    }

    for (std::thread& thread : threads)
        thread.join();
    pthread_barrier_destroy(&barrier);
#else
    anneal(launch, index, lanes, shared);
#endif
}

extern "C" void host_annealing_chains(int grid, int block, int shared_bytes, void** arguments)
{
    // A card's shared memory holds anything when a block begins.
    std::vector<char> shared(shared_bytes, (char)0xCD);
    for (int index = 0; index < grid; ++index)
        run_block(*(const ChainLaunch*)arguments[0], index, block, shared.data());
}
#endif

// A kernel for tests of the driver's layer: multiplies whole numbers in place, one block for each run of blockX of them.
#include <cstdint>

struct Scale {
    uint64_t values;
    int32_t count, factor;
};

extern "C" void host_scale(int gridX, int blockX, int, void **arguments) {
    const Scale &scale = *static_cast<Scale *>(arguments[0]);
    int32_t *values = reinterpret_cast<int32_t *>(scale.values);
    for (int i = 0; i < gridX * blockX && i < scale.count; i++)
        values[i] *= scale.factor;
}

// Plays the CUDA driver over host memory, for tests on machines without a GPU: the functions of the driver API that
// LlmScheduling.Cuda calls, with their rules, and kernels that were compiled for the host under the name host_<entry>.
// Copies are done as late as the driver may do them, every argument is checked, memory is surrounded by guards, and any
// call can be made to fail. What the caller did wrong is kept as a complaint.

#include <dlfcn.h>
#include <algorithm>
#include <cstdint>
#include <cstdlib>
#include <cstring>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <set>
#include <string>
#include <vector>

namespace {

constexpr int Success = 0, InvalidValue = 1, OutOfMemory = 2, NotInitialized = 3, NoDevice = 100, InvalidDevice = 101,
    InvalidPtx = 218, InvalidContext = 201, InvalidHandle = 400, NotFound = 500;
constexpr size_t Guard = 64, SharedOfAny = 48 << 10, SharedMost = 227 << 10;
constexpr unsigned char GuardByte = 0xA7, FreshByte = 0xCD, FreedByte = 0xDD;

using Kernel = void (*)(int, int, int, void **);

struct Function {
    Kernel kernel;
    int shared = SharedOfAny;
};

struct Module {
    std::string text;
    std::map<std::string, Function> functions;
};

struct Stream {
    std::vector<std::function<void()>> pending;
};

struct Context {
    std::map<uint64_t, size_t> memory;
    std::set<Module *> modules;
    std::set<Stream *> streams;
    int lost = Success;
};

std::recursive_mutex entry;
bool isInitialized;
int devices = 1, capability = 75;
size_t memoryLimit = size_t(1) << 30, memoryUsed;
std::set<Context *> contexts;
thread_local std::vector<Context *> current;
std::map<std::string, long> calls;
long allCalls, failAt;
std::string failName, complaint;
int failCode;
bool failLoses;

int complain(int code, const std::string &text) {
    if (complaint.empty())
        complaint = text;
    return code;
}

Context *active() {
    return current.empty() || !contexts.count(current.back()) ? nullptr : current.back();
}

// Counts the call; the code with which the test wants it to fail, or with which a lost context answers.
int begin(const char *name, bool needsContext) {
    calls[name]++;
    allCalls++;
    if (failAt > 0 && (failName.empty() || failName == name) && --failAt == 0) {
        for (Context *context : contexts) {
            if (failLoses)
                context->lost = failCode;
            // Nothing that waited is done any more: its host memory may be gone.
            for (Stream *stream : context->streams)
                stream->pending.clear();
        }
        return failCode;
    }
    if (!isInitialized && std::strcmp(name, "cuInit") != 0)
        return complain(NotInitialized, std::string(name) + " before cuInit");
    if (!needsContext)
        return Success;
    Context *context = active();
    if (!context)
        return complain(InvalidContext, std::string(name) + " without a current context");
    return context->lost;
}

#define BEGIN(name, needsContext)                          \
    std::lock_guard<std::recursive_mutex> guard(entry);    \
    int code = begin(name, needsContext);                  \
    if (code != Success)                                   \
        return code;

// Functions that release do so even when they report a failure.
#define BEGIN_RELEASE(name, needsContext)                  \
    std::lock_guard<std::recursive_mutex> guard(entry);    \
    int code = begin(name, needsContext);

unsigned char *block(uint64_t address) { return reinterpret_cast<unsigned char *>(address) - Guard; }

void freeMemory(Context *context, uint64_t address) {
    auto found = context->memory.find(address);
    size_t bytes = found->second;
    unsigned char *start = block(address);
    for (size_t i = 0; i < Guard; i++)
        if (start[i] != GuardByte || start[Guard + bytes + i] != GuardByte)
            complain(0, "a kernel or a copy wrote outside of its memory");
    std::memset(start, FreedByte, bytes + 2 * Guard);
    std::free(start);
    memoryUsed -= bytes;
    context->memory.erase(found);
}

bool holds(Context *context, uint64_t address, size_t bytes) {
    auto after = context->memory.upper_bound(address);
    if (after == context->memory.begin())
        return false;
    --after;
    return address >= after->first && address + bytes <= after->first + after->second;
}

void finish(Stream *stream) {
    std::vector<std::function<void()>> pending;
    pending.swap(stream->pending);
    for (auto &work : pending)
        work();
}

void finishAll(Context *context) {
    for (Stream *stream : context->streams)
        finish(stream);
}

Function *functionOf(Context *context, void *handle) {
    for (Module *module : context->modules)
        for (auto &pair : module->functions)
            if (&pair.second == handle)
                return &pair.second;
    return nullptr;
}

int create(Context **context, unsigned flags, int device) {
    if (device < 40 || device >= 40 + devices || flags > 31)
        return complain(InvalidValue, "cuCtxCreate with wrong arguments");
    *context = new Context();
    contexts.insert(*context);
    current.push_back(*context);
    return Success;
}

void *ownLibrary() {
    Dl_info info;
    dladdr(reinterpret_cast<void *>(&ownLibrary), &info);
    return dlopen(info.dli_fname, RTLD_NOLOAD | RTLD_NOW);
}

} // namespace

extern "C" {

// ---- what tests call

void standin_capability(int ten_times) { capability = ten_times; }

void standin_devices(int count, uint64_t bytes) {
    std::lock_guard<std::recursive_mutex> guard(entry);
    devices = count;
    memoryLimit = bytes;
}

// The call-th call of that function from now on, or of any where name is empty, fails with code; the contexts that there are
// then are lost where loses is not 0. call 0 plans nothing.
void standin_fail(const char *name, long call, int code, int loses) {
    std::lock_guard<std::recursive_mutex> guard(entry);
    failName = name;
    failAt = call;
    failCode = code;
    failLoses = loses != 0;
}

long standin_calls(const char *name) {
    std::lock_guard<std::recursive_mutex> guard(entry);
    return name[0] ? calls[name] : allCalls;
}

// Contexts, modules, streams and pieces of memory that nobody has released.
long standin_outstanding() {
    std::lock_guard<std::recursive_mutex> guard(entry);
    long count = 0;
    for (Context *context : contexts)
        count += 1 + context->modules.size() + context->streams.size() + context->memory.size();
    return count;
}

// How many contexts are current on this thread.
int standin_current() { return current.size(); }

const char *standin_complaint() {
    std::lock_guard<std::recursive_mutex> guard(entry);
    return complaint.c_str();
}

// ---- the driver API

int cuGetErrorName(int code, const char **text) {
    *text = code == OutOfMemory ? "CUDA_ERROR_OUT_OF_MEMORY" : code == InvalidPtx ? "CUDA_ERROR_INVALID_PTX" : code == 719 ? "CUDA_ERROR_LAUNCH_FAILED" : nullptr;
    return *text ? Success : InvalidValue;
}

int cuGetErrorString(int code, const char **text) {
    *text = code == OutOfMemory ? "out of memory" : code == InvalidPtx ? "a PTX JIT compilation failed" : code == 719 ? "unspecified launch failure" : nullptr;
    return *text ? Success : InvalidValue;
}

int cuInit(unsigned flags) {
    BEGIN("cuInit", false)
    if (flags != 0)
        return complain(InvalidValue, "cuInit with flags");
    isInitialized = true;
    return devices == 0 ? NoDevice : Success;
}

int cuDriverGetVersion(int *version) {
    BEGIN("cuDriverGetVersion", false)
    *version = 12080;
    return Success;
}

int cuDeviceGetCount(int *count) {
    BEGIN("cuDeviceGetCount", false)
    *count = devices;
    return Success;
}

int cuDeviceGet(int *device, int index) {
    BEGIN("cuDeviceGet", false)
    if (index < 0 || index >= devices)
        return InvalidDevice;
    // Not the index, so that a mistake shows.
    *device = 40 + index;
    return Success;
}

int cuDeviceGetName(char *name, int length, int device) {
    BEGIN("cuDeviceGetName", false)
    if (device < 40 || device >= 40 + devices)
        return complain(InvalidDevice, "cuDeviceGetName of no device");
    std::strncpy(name, "Stand-in device", length);
    return Success;
}

int cuDeviceTotalMem_v2(size_t *bytes, int device) {
    BEGIN("cuDeviceTotalMem_v2", false)
    if (device < 40 || device >= 40 + devices)
        return complain(InvalidDevice, "cuDeviceTotalMem of no device");
    *bytes = memoryLimit;
    return Success;
}

int cuDeviceGetAttribute(int *value, int attribute, int device) {
    BEGIN("cuDeviceGetAttribute", false)
    if (device < 40 || device >= 40 + devices)
        return complain(InvalidDevice, "cuDeviceGetAttribute of no device");
    switch (attribute) {
    case 75: *value = capability / 10; return Success;
    case 76: *value = capability % 10; return Success;
    case 97: *value = SharedMost; return Success;
    default: return complain(InvalidValue, "cuDeviceGetAttribute of an unknown attribute");
    }
}

int cuCtxCreate_v2(Context **context, unsigned flags, int device) {
    BEGIN("cuCtxCreate_v2", false)
    return create(context, flags, device);
}

int cuCtxCreate_v4(Context **context, void *parameters, unsigned flags, int device) {
    BEGIN("cuCtxCreate_v4", false)
    return parameters ? complain(InvalidValue, "cuCtxCreate with parameters") : create(context, flags, device);
}

int cuCtxDestroy_v2(Context *context) {
    BEGIN_RELEASE("cuCtxDestroy_v2", false)
    if (!contexts.count(context))
        return complain(InvalidContext, "cuCtxDestroy of no context");
    finishAll(context);
    while (!context->memory.empty())
        freeMemory(context, context->memory.begin()->first);
    for (Module *module : context->modules)
        delete module;
    for (Stream *stream : context->streams)
        delete stream;
    current.erase(std::remove(current.begin(), current.end(), context), current.end());
    contexts.erase(context);
    int lost = context->lost;
    delete context;
    return code != Success ? code : lost;
}

int cuCtxPushCurrent_v2(Context *context) {
    BEGIN("cuCtxPushCurrent_v2", false)
    if (!contexts.count(context))
        return complain(InvalidContext, "cuCtxPushCurrent of no context");
    current.push_back(context);
    return Success;
}

int cuCtxPopCurrent_v2(Context **context) {
    BEGIN_RELEASE("cuCtxPopCurrent_v2", false)
    if (current.empty())
        return complain(InvalidContext, "cuCtxPopCurrent without a current context");
    *context = current.back();
    current.pop_back();
    return code;
}

int cuMemGetInfo_v2(size_t *free, size_t *total) {
    BEGIN("cuMemGetInfo_v2", true)
    *free = memoryLimit - memoryUsed;
    *total = memoryLimit;
    return Success;
}

int cuModuleLoadDataEx(Module **module, const char *image, unsigned count, int *options, void **values) {
    BEGIN("cuModuleLoadDataEx", true)
    if (!std::strstr(image, ".version") || !std::strstr(image, ".target")) {
        for (unsigned i = 0; i + 1 < count; i++)
            if (options[i] == 5 && options[i + 1] == 6)
                std::strncpy(static_cast<char *>(values[i]), "ptxas application ptx input, line 1; fatal : Missing .version\ndirective", reinterpret_cast<size_t>(values[i + 1]));
        return InvalidPtx;
    }
    *module = new Module{image, {}};
    active()->modules.insert(*module);
    return Success;
}

int cuModuleUnload(Module *module) {
    BEGIN_RELEASE("cuModuleUnload", true)
    Context *context = active();
    if (!context || !context->modules.erase(module))
        return complain(InvalidHandle, "cuModuleUnload of no module");
    finishAll(context);
    delete module;
    return code;
}

int cuModuleGetFunction(void **function, Module *module, const char *name) {
    BEGIN("cuModuleGetFunction", true)
    if (!active()->modules.count(module))
        return complain(InvalidHandle, "cuModuleGetFunction of no module");
    void *kernel = dlsym(ownLibrary(), ("host_" + std::string(name)).c_str());
    if (!kernel || module->text.find(".entry " + std::string(name)) == std::string::npos)
        return NotFound;
    Function &found = module->functions[name];
    found.kernel = reinterpret_cast<Kernel>(kernel);
    *function = &found;
    return Success;
}

int cuFuncSetAttribute(void *handle, int attribute, int value) {
    BEGIN("cuFuncSetAttribute", true)
    Function *function = functionOf(active(), handle);
    if (!function || attribute != 8)
        return complain(InvalidValue, "cuFuncSetAttribute of no function or of another attribute");
    if (value < 0 || value > int(SharedMost))
        return complain(InvalidValue, "more shared memory than the device has");
    function->shared = value;
    return Success;
}

int cuMemAlloc_v2(uint64_t *address, size_t bytes) {
    BEGIN("cuMemAlloc_v2", true)
    if (bytes == 0)
        return complain(InvalidValue, "cuMemAlloc of nothing");
    if (bytes > memoryLimit - memoryUsed)
        return OutOfMemory;
    unsigned char *start = static_cast<unsigned char *>(std::malloc(bytes + 2 * Guard));
    std::memset(start, GuardByte, bytes + 2 * Guard);
    std::memset(start + Guard, FreshByte, bytes);
    *address = reinterpret_cast<uint64_t>(start + Guard);
    active()->memory[*address] = bytes;
    memoryUsed += bytes;
    return Success;
}

int cuMemFree_v2(uint64_t address) {
    BEGIN_RELEASE("cuMemFree_v2", true)
    Context *context = active();
    if (!context || !context->memory.count(address))
        return complain(InvalidValue, "cuMemFree of no memory");
    finishAll(context);
    freeMemory(context, address);
    return code;
}

int cuMemcpyHtoDAsync_v2(uint64_t to, const void *from, size_t bytes, Stream *stream) {
    BEGIN("cuMemcpyHtoDAsync_v2", true)
    if (!active()->streams.count(stream))
        return complain(InvalidHandle, "a copy on no stream");
    if (bytes > 0 && !holds(active(), to, bytes))
        return complain(InvalidValue, "a copy outside of device memory");
    stream->pending.push_back([=] { std::memcpy(reinterpret_cast<void *>(to), from, bytes); });
    return Success;
}

int cuMemcpyDtoHAsync_v2(void *to, uint64_t from, size_t bytes, Stream *stream) {
    BEGIN("cuMemcpyDtoHAsync_v2", true)
    if (!active()->streams.count(stream))
        return complain(InvalidHandle, "a copy on no stream");
    if (bytes > 0 && !holds(active(), from, bytes))
        return complain(InvalidValue, "a copy outside of device memory");
    stream->pending.push_back([=] { std::memcpy(to, reinterpret_cast<void *>(from), bytes); });
    return Success;
}

int cuStreamCreate(Stream **stream, unsigned flags) {
    BEGIN("cuStreamCreate", true)
    if (flags > 1)
        return complain(InvalidValue, "cuStreamCreate with wrong flags");
    *stream = new Stream();
    active()->streams.insert(*stream);
    return Success;
}

int cuStreamSynchronize(Stream *stream) {
    BEGIN("cuStreamSynchronize", true)
    if (!active()->streams.count(stream))
        return complain(InvalidHandle, "cuStreamSynchronize of no stream");
    finish(stream);
    return Success;
}

int cuStreamDestroy_v2(Stream *stream) {
    BEGIN_RELEASE("cuStreamDestroy_v2", true)
    Context *context = active();
    if (!context || !context->streams.erase(stream))
        return complain(InvalidHandle, "cuStreamDestroy of no stream");
    finish(stream);
    delete stream;
    return code;
}

int cuLaunchKernel(void *handle, unsigned gridX, unsigned gridY, unsigned gridZ, unsigned blockX, unsigned blockY, unsigned blockZ,
    unsigned shared, Stream *stream, void **arguments, void **extra) {
    BEGIN("cuLaunchKernel", true)
    Function *function = functionOf(active(), handle);
    if (!function || !active()->streams.count(stream) || !arguments || extra)
        return complain(InvalidHandle, "a launch of no function, on no stream or without arguments");
    if (gridX == 0 || gridX > 0x7fffffff || blockX == 0 || blockX > 1024 || gridY != 1 || gridZ != 1 || blockY != 1 || blockZ != 1)
        return complain(InvalidValue, "a launch of a grid or a block that cannot be");
    if (shared > unsigned(function->shared))
        return complain(InvalidValue, "a launch with more shared memory than the function was allowed");
    // Arguments are copied at the launch, and their size is known to the kernel only: it runs now, after all before it.
    finish(stream);
    function->kernel(int(gridX), int(blockX), int(shared), arguments);
    return Success;
}

} // extern "C"

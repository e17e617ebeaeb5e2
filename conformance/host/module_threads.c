#include "module_threads.h"

#include <tlhelp32.h>

/* More than a provider has; what is beyond is not watched. */
#define THREADS 64

/* What a thread that is on its way out may take, in milliseconds. */
#define END_MS 1000

/* Of NtQueryInformationThread: the function that the thread began in. */
#define START_ADDRESS 9

static struct {
    HANDLE thread;
    DWORD id;
    size_t offset; /* of its function, in the module */
} threads[THREADS];
static unsigned count;
static wchar_t path[MAX_PATH];

size_t module_size(HMODULE module)
{
    const char *base = (const char *)module;
    const IMAGE_DOS_HEADER *dos = (const IMAGE_DOS_HEADER *)base;
    const IMAGE_NT_HEADERS *nt = (const IMAGE_NT_HEADERS *)(base + dos->e_lfanew);

    return nt->OptionalHeader.SizeOfImage;
}

static size_t start_of(HANDLE thread)
{
    typedef LONG(NTAPI * query)(HANDLE, int, void *, ULONG, ULONG *);
    query ask = (query)(void *)GetProcAddress(GetModuleHandleW(L"ntdll.dll"),
                                              "NtQueryInformationThread");
    size_t start = 0;

    if (!ask || ask(thread, START_ADDRESS, &start, sizeof start, NULL))
        return 0;
    return start;
}

/* Keeps a handle, if it began in the module. */
static void note(DWORD id, HMODULE module, size_t size)
{
    HANDLE thread = OpenThread(SYNCHRONIZE | THREAD_QUERY_INFORMATION, FALSE, id);
    size_t offset;

    if (!thread)
        return;
    offset = start_of(thread) - (size_t)module;
    if (offset >= size) {
        CloseHandle(thread);
        return;
    }
    threads[count].thread = thread;
    threads[count].id = id;
    threads[count++].offset = offset;
}

void module_threads_note(HMODULE module)
{
    THREADENTRY32 entry = {.dwSize = sizeof entry};
    HANDLE list = CreateToolhelp32Snapshot(TH32CS_SNAPTHREAD, 0);
    size_t size = module_size(module);

    GetModuleFileNameW(module, path, MAX_PATH - 1);
    for (BOOL more = Thread32First(list, &entry); more && count < THREADS;
         more = Thread32Next(list, &entry))
        if (entry.th32OwnerProcessID == GetCurrentProcessId())
            note(entry.th32ThreadID, module, size);
    CloseHandle(list);
}

/* A module that keeps itself loaded may keep its threads. */
static bool is_loaded(HMODULE module)
{
    MEMORY_BASIC_INFORMATION region;

    return VirtualQuery((void *)module, &region, sizeof region) &&
           region.Type == MEM_IMAGE && region.AllocationBase == (void *)module;
}

bool module_threads_ended(HMODULE module, struct text *why)
{
    const wchar_t *name = wcsrchr(path, L'\\');

    if (is_loaded(module))
        return true;
    for (unsigned i = 0; i < count; ++i) {
        if (WaitForSingleObject(threads[i].thread, END_MS) != WAIT_TIMEOUT)
            continue;
        text_add(why,
                 "a thread of the provider (0x%lx, begun at %ls+0x%zx) still runs "
                 "although WSPCleanup has returned and the DLL was freed",
                 threads[i].id,
                 name ? name + 1 : path,
                 threads[i].offset);
        return false;
    }
    return true;
}

#include "memory.h"

#include <stdint.h>

#define READABLE \
    (PAGE_READONLY | PAGE_READWRITE | PAGE_WRITECOPY | PAGE_EXECUTE_READ | \
     PAGE_EXECUTE_READWRITE | PAGE_EXECUTE_WRITECOPY)
#define WRITABLE \
    (PAGE_READWRITE | PAGE_WRITECOPY | PAGE_EXECUTE_READWRITE | PAGE_EXECUTE_WRITECOPY)

/* Whether every page of the range has one of the protections. A guard page has not: to
 * touch it would change the client's stack or debugging aid. */
static bool pages_allow(const void *memory, size_t size, DWORD protections)
{
    const char *at = memory;
    const char *end = at + size;

    if ((uintptr_t)end < (uintptr_t)at)
        return false;
    while ((uintptr_t)at < (uintptr_t)end) {
        MEMORY_BASIC_INFORMATION region;

        if (!VirtualQuery(at, &region, sizeof region))
            return false;
        if (region.State != MEM_COMMIT || (region.Protect & PAGE_GUARD) ||
            !(region.Protect & protections))
            return false;
        at = (const char *)region.BaseAddress + region.RegionSize;
    }
    return true;
}

bool memory_readable(const void *memory, size_t size)
{
    return pages_allow(memory, size, READABLE);
}

bool memory_writable(const void *memory, size_t size)
{
    return pages_allow(memory, size, WRITABLE);
}

void *memory_allocate(size_t size)
{
    return HeapAlloc(GetProcessHeap(), HEAP_ZERO_MEMORY, size);
}

void memory_free(void *memory)
{
    HeapFree(GetProcessHeap(), 0, memory);
}

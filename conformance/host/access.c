#include "access.h"

#include "win.h"

#define WRITABLE \
    (PAGE_READWRITE | PAGE_WRITECOPY | PAGE_EXECUTE_READWRITE | PAGE_EXECUTE_WRITECOPY)
#define READABLE (WRITABLE | PAGE_READONLY | PAGE_EXECUTE_READ)

static bool is_all(const void *at, size_t size, DWORD protection)
{
    const char *from = at, *to = from + size;
    MEMORY_BASIC_INFORMATION region;

    while (from < to) {
        if (!VirtualQuery(from, &region, sizeof region) || region.State != MEM_COMMIT ||
            region.Protect & PAGE_GUARD || !(region.Protect & protection))
            return false;
        from = (const char *)region.BaseAddress + region.RegionSize;
    }
    return true;
}

bool is_readable(const void *at, size_t size)
{
    return is_all(at, size, READABLE);
}

bool is_writable(const void *at, size_t size)
{
    return is_all(at, size, WRITABLE);
}

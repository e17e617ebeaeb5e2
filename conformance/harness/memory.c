#include "memory.h"

#include "record.h"
#include "running.h"
#include "trace.h"

#include <string.h>

#define REGIONS 256

/* Some pages of their own. */
struct region {
    char *start;
    size_t size;  /* of all of it */
    char *buffer; /* what was handed out; in front of it are canaries */
    bool guarded;
};

static struct region regions[REGIONS];
static unsigned count;
static SRWLOCK lock = SRWLOCK_INIT;

static size_t page_size(void)
{
    static size_t size;
    SYSTEM_INFO info;

    if (!size) {
        GetSystemInfo(&info);
        size = info.dwPageSize;
    }
    return size;
}

static size_t round_up(size_t size)
{
    return (size + page_size() - 1) / page_size() * page_size();
}

/* What untouched memory holds; differs from byte to byte and is never 0. */
static char pattern_at(const char *at)
{
    return (char)(0x80 | ((size_t)at * 37 & 0x7F));
}

static void fill(char *from, const char *to)
{
    for (; from < to; ++from)
        *from = pattern_at(from);
}

static const char *first_touched(const char *from, const char *to)
{
    while (from < to && *from == pattern_at(from))
        ++from;
    return from;
}

static struct region *new_region(size_t size)
{
    struct region *region = NULL;

    AcquireSRWLockExclusive(&lock);
    if (count < REGIONS)
        region = &regions[count++];
    ReleaseSRWLockExclusive(&lock);
    if (!region)
        blocked("more than %d buffers", REGIONS);
    *region = (struct region){.size = size};
    region->start = VirtualAlloc(NULL, size, MEM_RESERVE | MEM_COMMIT, PAGE_READWRITE);
    if (!region->start)
        blocked("no memory for a buffer");
    fill(region->start, region->start + size);
    return region;
}

static void protect(char *from, size_t size, DWORD protection)
{
    DWORD old;

    if (!VirtualProtect(from, size, protection, &old))
        blocked("memory could not be protected");
}

WSABUF guarded_buffer(struct spi_test *t, size_t size)
{
    size_t usable = round_up(size ? size : 1);
    struct region *region = new_region(usable + page_size());

    (void)t;
    protect(region->start + usable, page_size(), PAGE_NOACCESS);
    region->buffer = region->start + usable - size;
    region->guarded = true;
    return (WSABUF){.len = (ULONG)size, .buf = region->buffer};
}

bool guarded_untouched(struct spi_test *t, const char *from, size_t size)
{
    (void)t;
    return first_touched(from, from + size) == from + size;
}

void *inaccessible_memory(struct spi_test *t, size_t size)
{
    struct region *region = new_region(round_up(size));

    (void)t;
    protect(region->start, region->size, PAGE_NOACCESS);
    return region->start;
}

void *readonly_memory(struct spi_test *t, size_t size)
{
    struct region *region = new_region(round_up(size));

    (void)t;
    protect(region->start, region->size, PAGE_READONLY);
    return region->start;
}

void *half_accessible_memory(struct spi_test *t, size_t size)
{
    size_t half = round_up(size / 2 + 1);
    struct region *region = new_region(2 * half);

    (void)t;
    protect(region->start + half, half, PAGE_NOACCESS);
    region->buffer = region->start + half - size / 2;
    region->guarded = true;
    return region->buffer;
}

void memory_check(void)
{
    for (unsigned i = 0; i < count; ++i) {
        const struct region *region = &regions[i];
        const char *touched;

        if (!region->guarded)
            continue;
        touched = first_touched(region->start, region->buffer);
        if (touched == region->buffer)
            continue;
        record_finding("nothing written outside of the buffer",
                       "memory in front of a buffer that the provider was given was "
                       "written to, %zu bytes before its start",
                       (size_t)(region->buffer - touched));
    }
}

void memory_release(bool pending)
{
    for (unsigned i = 0; i < count && !pending; ++i)
        VirtualFree(regions[i].start, 0, MEM_RELEASE);
    count = 0;
}

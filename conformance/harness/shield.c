#include "shield.h"

#include "record.h"

#include <stdbool.h>
#include <string.h>

#define CANARY 0xC5

static bool is_on_stack(const void *at)
{
    MEMORY_BASIC_INFORMATION there, here;

    return VirtualQuery(at, &there, sizeof there) &&
           VirtualQuery(&here, &here, sizeof here) &&
           there.AllocationBase == here.AllocationBase;
}

static bool is_whole(const unsigned char *canary)
{
    for (size_t i = 0; i < SHIELD_CANARY; ++i)
        if (canary[i] != CANARY)
            return false;
    return true;
}

WSABUF *shield_raise(struct shield *shield, WSABUF *buffers, DWORD count)
{
    size_t size = count * sizeof *buffers;

    shield->original = NULL;
    if (!is_on_stack(buffers) || count > SHIELD_BUFFERS)
        return buffers;
    shield->original = buffers;
    shield->count = count;
    memset(shield->before, CANARY, sizeof shield->before);
    memcpy(shield->memory, buffers, size);
    memset(shield->memory + size, CANARY, SHIELD_CANARY);
    return (WSABUF *)(void *)shield->memory;
}

void shield_lower(struct shield *shield, const char *function)
{
    size_t size = shield->count * sizeof *shield->original;
    bool before, behind;

    if (!shield->original)
        return;
    before = !is_whole(shield->before);
    behind = !is_whole(shield->memory + size);
    memcpy(shield->original, shield->memory, size);
    if (before || behind)
        record_finding("nothing written outside of the WSABUF structures",
                       "%s has written to memory %s the %lu WSABUF structure%s that it "
                       "was given",
                       function,
                       before ? "in front of" : "behind",
                       shield->count,
                       shield->count > 1 ? "s" : "");
}

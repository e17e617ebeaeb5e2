/* The process's own memory for a connection on which nothing happens. */
#include "bench.h"

#include <psapi.h>
#include <stdlib.h>

/* These also pay for what all share: threads, heaps, tables. */
#define WARM_UP 50

/* What the process has committed on Windows, its anonymous memory on Wine, where the
 * PrivateUsage of the longer structure is always 0 (Wine 8.0). */
double private_bytes(void)
{
    PROCESS_MEMORY_COUNTERS counters = {.cb = sizeof counters};

    if (!GetProcessMemoryInfo(GetCurrentProcess(), &counters, sizeof counters))
        give_up("GetProcessMemoryInfo", (int)GetLastError());
    return (double)counters.PagefileUsage;
}

double
idle_round(const struct subject *subject, const struct figure *figure, unsigned count)
{
    struct pair *pairs = allocate(WARM_UP + count, sizeof *pairs);
    struct sockaddr_in name;
    SOCKET listener = far_socket(SOCK_STREAM, &name);
    double before = 0;

    /* Written to beforehand, so that the array's own pages do not count. */
    for (unsigned i = 0; i < WARM_UP + count; i++)
        pairs[i].near_end = INVALID_SOCKET;
    for (unsigned i = 0; i < WARM_UP + count; i++) {
        if (i == WARM_UP)
            before = private_bytes();
        pairs[i] = connect_pair(subject, figure->type, listener);
    }
    double result = (private_bytes() - before) / count;

    for (unsigned i = 0; i < WARM_UP + count; i++)
        close_pair(subject, pairs[i]);
    free(pairs);
    closesocket(listener);
    return result;
}

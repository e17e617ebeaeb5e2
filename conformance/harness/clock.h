/* Time in milliseconds. */
#ifndef WSPCHECK_CLOCK_H
#define WSPCHECK_CLOCK_H

#include "win.h"

static inline LARGE_INTEGER clock_now(void)
{
    LARGE_INTEGER now;

    QueryPerformanceCounter(&now);
    return now;
}

static inline double clock_since(LARGE_INTEGER start)
{
    LARGE_INTEGER frequency;

    QueryPerformanceFrequency(&frequency);
    return (double)(clock_now().QuadPart - start.QuadPart) * 1000.0 /
           (double)frequency.QuadPart;
}

#endif

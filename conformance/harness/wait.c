/* Waits: for an event, for readiness, for nothing to happen. */
#include "blocking_callback.h"
#include "clock.h"
#include "record.h"
#include "running.h"
#include "trace.h"

bool await_for(struct spi_test *t, HANDLE object, unsigned ms)
{
    (void)t;
    return WaitForSingleObject(object, ms) == WAIT_OBJECT_0;
}

bool await(struct spi_test *t, HANDLE object)
{
    return await_for(t, object, DEFAULT_WAIT_MS);
}

/* By WSPSelect; the harness's own waiting is no business of a blocking callback. */
static void await_ready(struct spi_test *t, SOCKET s, bool for_writing)
{
    static const struct timeval timeout = {.tv_sec = DEFAULT_WAIT_MS / 1000};
    struct outcome selected;
    fd_set set;

    FD_ZERO(&set);
    FD_SET(s, &set);
    blocking_callback_suspend(true);
    selected = spi_select(
        t, for_writing ? NULL : &set, for_writing ? &set : NULL, NULL, &timeout);
    blocking_callback_suspend(false);
    if (selected.failed)
        blocked("WSPSelect, by which the suite waits, failed with %s",
                error_text(selected.error));
    if (selected.result != 1)
        blocked("socket 0x%zx did not become %s by WSPSelect within %d s",
                (size_t)s,
                for_writing ? "writable" : "readable",
                DEFAULT_WAIT_MS / 1000);
}

void await_readable(struct spi_test *t, SOCKET s)
{
    await_ready(t, s, false);
}

void await_writable(struct spi_test *t, SOCKET s)
{
    await_ready(t, s, true);
}

/* Milliseconds that are left of a wait. */
static DWORD left_of(LARGE_INTEGER start, unsigned ms)
{
    double passed = clock_since(start);

    return passed < ms ? (DWORD)(ms - passed) + 1 : 0;
}

bool stays_quiet(struct spi_test *t, HANDLE object, unsigned ms)
{
    LARGE_INTEGER start = clock_now();
    DWORD waited = WAIT_IO_COMPLETION;
    DWORD left;

    (void)t;
    while (waited == WAIT_IO_COMPLETION && (left = left_of(start, ms)))
        waited =
            object ? WaitForSingleObjectEx(object, left, TRUE) : SleepEx(left, TRUE);
    record_wait(clock_since(start));
    trace_line("waited %u ms for nothing to happen -> %s",
               ms,
               object && waited == WAIT_OBJECT_0 ? "it was signalled" : "quiet");
    return !object || waited != WAIT_OBJECT_0;
}

bool await_flag_alertably(struct spi_test *t, const volatile bool *flag)
{
    LARGE_INTEGER start = clock_now();
    DWORD left;

    (void)t;
    while (!*flag && (left = left_of(start, DEFAULT_WAIT_MS)))
        SleepEx(left, TRUE);
    return *flag;
}

#include "blocking.h"

#include "error.h"
#include "fault.h"
#include "lower.h"
#include "service.h"
#include "spi.h"
#include "startup.h"

/* How long a pseudo-blocking call sleeps between two calls of the callback: short for a
 * user at the screen, long for a processor. */
#define CALLBACK_INTERVAL_MS 10

int blocking_begin(struct blocking *blocking,
                   const WSAPROTOCOL_INFOW *entry,
                   DWORD limit)
{
    *blocking = (struct blocking){
        .thread = thread_self(),
        .catalogue_id = entry->dwCatalogEntryId,
        .limit = limit,
    };
    if (!blocking->thread)
        return WSAENOBUFS;
    if (limit != INFINITE)
        blocking->started = GetTickCount();
    blocking->thread->blocked++;
    blocking->thread->cancelled = false;
    return 0;
}

void blocking_end(struct blocking *blocking)
{
    blocking->thread->blocked--;
}

static DWORD time_left(const struct blocking *blocking)
{
    DWORD passed;

    if (blocking->limit == INFINITE)
        return INFINITE;
    passed = GetTickCount() - blocking->started;
    return passed < blocking->limit ? blocking->limit - passed : 0;
}

/* The client's callback, asked for when a call is about to block, and not before. */
static bool has_callback(struct blocking *blocking)
{
    int error;

    if (!blocking->asked &&
        upcalls.lpWPUQueryBlockingCallback(
            blocking->catalogue_id, &blocking->callback, &blocking->context, &error))
        blocking->callback = NULL;
    blocking->asked = true;
    return blocking->callback != NULL;
}

/* Whether the client wants to wait on. What it calls meanwhile on this thread fails
 * with WSAEINPROGRESS (RD-8). */
static bool call_back(struct blocking *blocking)
{
    struct thread *thread = blocking->thread;
    BOOL wait_on;

    thread->callbacks++;
    wait_on = blocking->callback(blocking->context);
    thread->callbacks--;
    return wait_on && !thread->cancelled;
}

static DWORD sleep_until(const struct blocking *blocking, HANDLE done, DWORD limit)
{
    HANDLE handles[] = {blocking->thread->wake, done};

    return WaitForMultipleObjects(done ? 2 : 1, handles, FALSE, limit);
}

int blocking_wait(struct blocking *blocking, HANDLE done)
{
    DWORD interval = 0; /* the callback comes first */

    if (!has_callback(blocking))
        return sleep_until(blocking, done, time_left(blocking)) == WAIT_TIMEOUT
                   ? WSAETIMEDOUT
                   : 0;
    while (sleep_until(blocking, done, interval) == WAIT_TIMEOUT) {
        if (time_left(blocking) == 0)
            return WSAETIMEDOUT;
        if (!call_back(blocking))
            return WSAEINTR;
        interval = CALLBACK_INTERVAL_MS;
    }
    return 0;
}

/* One round of blocking_until, with the lock held. */
static int try_and_wait(struct endpoint *endpoint,
                        struct blocking *blocking,
                        const struct waiter *waiter,
                        int (*attempt)(struct endpoint *endpoint, void *context),
                        void *context)
{
    int error = waiter->ended ? waiter->ended : attempt(endpoint, context);
    long armed = endpoint->armed;

    if (error != WSAEWOULDBLOCK)
        return error;
    error = service_update(endpoint);
    if (error)
        return error;
    if (endpoint->armed != armed)
        return WSAEWOULDBLOCK; /* look again: it may have come before it was asked for
                                */
    LeaveCriticalSection(&endpoint->lock);
    error = blocking_wait(blocking, NULL);
    EnterCriticalSection(&endpoint->lock);
    return error ? error : WSAEWOULDBLOCK;
}

int blocking_until(struct endpoint *endpoint,
                   long mask,
                   DWORD limit,
                   int (*attempt)(struct endpoint *endpoint, void *context),
                   void *context)
{
    struct waiter waiter = {.mask = mask};
    struct blocking blocking;
    int error = blocking_begin(&blocking, endpoint->entry, limit);

    if (error)
        return error;
    waiter.event = blocking.thread->wake;
    EnterCriticalSection(&endpoint->lock);
    endpoint_add_waiter(endpoint, &waiter);
    do {
        error = try_and_wait(endpoint, &blocking, &waiter, attempt, context);
    } while (error == WSAEWOULDBLOCK);
    endpoint_remove_waiter(endpoint, &waiter);
    LeaveCriticalSection(&endpoint->lock);
    blocking_end(&blocking);
    return error;
}

/* A thread that reads for an engine; with the lock held. */
struct reading {
    struct endpoint *endpoint;
    struct blocking blocking;
    struct waiter waiter;
    WSAOVERLAPPED below;
    bool pending; /* `below` is */
};

static void end_reading(struct reading *reading)
{
    struct endpoint *endpoint = reading->endpoint;
    DWORD bytes = 0;
    DWORD flags;
    int error = 0;

    if (lower.lpWSPGetOverlappedResult(
            endpoint->lower, &reading->below, &bytes, TRUE, &flags, &error))
        error = 0;
    reading->pending = false;
    endpoint->transport->engine->read_done(endpoint, bytes, error);
}

/* What has come although the wait was given up must not be lost. */
static void cancel_reading(struct reading *reading)
{
    CancelIo((HANDLE)reading->endpoint->lower);
    end_reading(reading);
}

/* Waits until another attempt is worth while: WSAEWOULDBLOCK, or why not. */
static int read_and_wait(struct reading *reading)
{
    struct endpoint *endpoint = reading->endpoint;
    HANDLE done = reading->blocking.thread->done;
    int error = WSA_IO_PENDING;

    if (!reading->pending) {
        reading->below = (WSAOVERLAPPED){.hEvent = done};
        error = endpoint->transport->engine->read(endpoint, &reading->below);
        if (!error)
            return WSAEWOULDBLOCK;
        reading->pending = error == WSA_IO_PENDING;
    }
    reading->waiter.mask = WAITS_TO_RECEIVE;
    if (!reading->pending)
        reading->waiter.mask |= FD_READ | FD_CLOSE;
    error = service_update(endpoint);
    if (error)
        return error;
    LeaveCriticalSection(&endpoint->lock);
    error = blocking_wait(&reading->blocking, reading->pending ? done : NULL);
    EnterCriticalSection(&endpoint->lock);
    if (reading->pending &&
        *(volatile ULONG_PTR *)&reading->below.Internal != WSS_OPERATION_IN_PROGRESS)
        end_reading(reading);
    return error ? error : WSAEWOULDBLOCK;
}

int blocking_read(struct endpoint *endpoint,
                  DWORD limit,
                  int (*attempt)(struct endpoint *endpoint, void *context),
                  void *context)
{
    struct reading reading = {.endpoint = endpoint};
    int error = blocking_begin(&reading.blocking, endpoint->entry, limit);

    if (error)
        return error;
    reading.waiter.event = reading.blocking.thread->wake;
    reading.waiter.mask = WAITS_TO_RECEIVE;
    EnterCriticalSection(&endpoint->lock);
    endpoint_add_waiter(endpoint, &reading.waiter);
    do {
        error =
            reading.waiter.ended ? reading.waiter.ended : attempt(endpoint, context);
        if (error == WSAEWOULDBLOCK)
            error = read_and_wait(&reading);
    } while (error == WSAEWOULDBLOCK);
    if (reading.pending)
        cancel_reading(&reading);
    endpoint_remove_waiter(endpoint, &reading.waiter);
    LeaveCriticalSection(&endpoint->lock);
    blocking_end(&reading.blocking);
    return error;
}

/* Waits for the end of a request below. One that comes to its end although the wait was
 * given up counts: its data must not be lost. */
static int await_request(struct endpoint *endpoint,
                         struct blocking *blocking,
                         const struct waiter *waiter,
                         struct transfer *transfer,
                         WSAOVERLAPPED *request)
{
    int error = 0;
    int result;

    while (!error && !waiter->ended &&
           *(volatile ULONG_PTR *)&request->Internal == WSS_OPERATION_IN_PROGRESS)
        error = blocking_wait(blocking, request->hEvent);
    if (!error)
        error = waiter->ended;
    if (error)
        CancelIo((HANDLE)endpoint->lower);
    if (lower.lpWSPGetOverlappedResult(endpoint->lower,
                                       request,
                                       &transfer->bytes,
                                       TRUE,
                                       &transfer->flags,
                                       &result))
        return 0;
    return error ? error : result;
}

int blocking_transfer(struct endpoint *endpoint,
                      struct transfer *transfer,
                      int (*request)(struct endpoint *endpoint,
                                     struct transfer *transfer,
                                     WSAOVERLAPPED *done),
                      int (*may)(struct endpoint *endpoint),
                      long mask,
                      DWORD limit)
{
    struct waiter waiter = {.mask = mask};
    WSAOVERLAPPED below = {0};
    struct blocking blocking;
    int error = blocking_begin(&blocking, endpoint->entry, limit);

    if (error)
        return error;
    waiter.event = blocking.thread->wake;
    below.hEvent = blocking.thread->done;
    EnterCriticalSection(&endpoint->lock);
    endpoint_add_waiter(endpoint, &waiter);
    error = waiter.ended ? waiter.ended : may(endpoint);
    LeaveCriticalSection(&endpoint->lock);
    if (!error)
        error = request(endpoint, transfer, &below);
    if (error == WSA_IO_PENDING)
        error = await_request(endpoint, &blocking, &waiter, transfer, &below);
    EnterCriticalSection(&endpoint->lock);
    endpoint_remove_waiter(endpoint, &waiter);
    LeaveCriticalSection(&endpoint->lock);
    blocking_end(&blocking);
    return error;
}

/* The one function that a client may call from its blocking callback. */
int WSPAPI WSPCancelBlockingCall(LPINT lpErrno)
{
    struct thread *thread = thread_if_known();

    if (!startup_done())
        return fail(lpErrno, WSANOTINITIALISED);
    if (network_is_down())
        return fail(lpErrno, WSAENETDOWN);
    if (!thread || !thread->blocked)
        return fail(lpErrno, WSAEINVAL);
    thread->cancelled = true;
    return 0;
}

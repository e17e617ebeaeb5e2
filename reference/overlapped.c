#include "overlapped.h"

#include "blocking.h"
#include "error.h"
#include "memory.h"
#include "service.h"
#include "spi.h"
#include "startup.h"

/* WSAOVERLAPPED.Internal while the operation is pending. */
#define PENDING ((ULONG_PTR)WSS_OPERATION_IN_PROGRESS)

bool overlapped_wanted(const struct endpoint *endpoint,
                       const struct completion *completion)
{
    return endpoint->overlapped && completion->overlapped;
}

/* A completion port is told by the bit 0 to keep out of it; the event is without. */
static HANDLE event_of(const WSAOVERLAPPED *overlapped)
{
    return (HANDLE)((ULONG_PTR)overlapped->hEvent & ~(ULONG_PTR)1);
}

/* --- Making ---------------------------------------------------------------------- */

struct operation *overlapped_create(const struct completion *completion,
                                    const struct transfer *transfer)
{
    size_t buffers = transfer->count * sizeof *transfer->buffers;
    struct operation *operation = memory_allocate(sizeof *operation + buffers);

    if (!operation)
        return NULL;
    operation->transfer = *transfer;
    if (buffers)
        memcpy(operation->buffers, transfer->buffers, buffers);
    operation->transfer.buffers = operation->buffers;
    if (transfer->to) {
        memcpy(&operation->to, transfer->to, (size_t)transfer->to_length);
        operation->transfer.to = (struct sockaddr *)&operation->to;
    }
    operation->socket = completion->socket;
    operation->overlapped = completion->overlapped;
    operation->routine = completion->routine;
    if (completion->routine && completion->thread)
        operation->thread = *completion->thread;
    return operation;
}

void overlapped_discard(struct operation *operation)
{
    int error;

    if (operation->opened_thread)
        upcalls.lpWPUCloseThread(&operation->thread, &error);
    memory_free(operation->detail);
    memory_free(operation);
}

/* --- Queues ---------------------------------------------------------------------- */

static void append(struct queue *queue, struct operation *operation)
{
    operation->next = NULL;
    if (queue->last)
        queue->last->next = operation;
    else
        queue->first = operation;
    queue->last = operation;
}

static struct operation *take(struct queue *queue)
{
    struct operation *operation = queue->first;

    queue->first = operation->next;
    if (!queue->first)
        queue->last = NULL;
    return operation;
}

/* Puts it into its queue, and has announced what it waits for. WSAEWOULDBLOCK: now it
 * waits; else it is not in the queue. */
static int
enqueue(struct endpoint *endpoint, struct queue *queue, struct operation *operation)
{
    bool alone = !queue->first;
    int error;

    append(queue, operation);
    error = service_update(endpoint);
    if (!alone)
        return WSAEWOULDBLOCK; /* those before it wait for the same */
    if (!error) /* look again: it may have come before it was asked for */
        error = operation->attempt(endpoint, operation);
    if (error != WSAEWOULDBLOCK)
        take(queue);
    return error;
}

int overlapped_start(struct endpoint *endpoint,
                     struct queue *queue,
                     struct operation *operation)
{
    int error = WSAEWOULDBLOCK;

    /* Buffers are used in the order in which they were posted. */
    if (!queue->first)
        error = operation->attempt(endpoint, operation);
    if (error == WSAEWOULDBLOCK)
        error = enqueue(endpoint, queue, operation);
    if (error != WSAEWOULDBLOCK)
        return error;
    operation->overlapped->Internal = PENDING;
    if (!operation->routine && event_of(operation->overlapped))
        ResetEvent(event_of(operation->overlapped));
    return WSA_IO_PENDING;
}

static void advance(struct endpoint *endpoint, struct queue *queue, struct queue *done)
{
    while (queue->first) {
        int error = queue->first->attempt(endpoint, queue->first);

        if (error == WSAEWOULDBLOCK)
            return;
        if (error)
            queue->first->transfer.bytes = queue->first->done;
        queue->first->error = error;
        append(done, take(queue));
    }
}

void overlapped_advance(struct endpoint *endpoint, long event, struct queue *done)
{
    if (event & (FD_READ | FD_OOB | FD_CLOSE))
        advance(endpoint, &endpoint->receives, done);
    if (event & FD_ACCEPT)
        advance(endpoint, &endpoint->accepts, done);
    if (event & FD_CONNECT)
        advance(endpoint, &endpoint->connects, done);
    if (event & (FD_WRITE | FD_CLOSE))
        advance(endpoint, &endpoint->sends, done);
    if (endpoint->disconnect_due && !endpoint->sends.first) {
        endpoint->disconnect_due = false;
        endpoint->transport->disconnect(endpoint, endpoint->disconnect_data);
    }
}

void overlapped_end(struct queue *queue, int error, struct queue *done)
{
    while (queue->first) {
        struct operation *operation = take(queue);

        operation->error = error;
        operation->transfer.bytes = operation->done;
        append(done, operation);
    }
}

void overlapped_end_all(struct endpoint *endpoint, int error, struct queue *done)
{
    overlapped_end(&endpoint->receives, error, done);
    overlapped_end(&endpoint->sends, error, done);
    overlapped_end(&endpoint->accepts, error, done);
    overlapped_end(&endpoint->connects, error, done);
}

/* --- Telling the client ---------------------------------------------------------- */

/* Runs as an APC on the client's thread. */
static void CALLBACK call_routine(DWORD_PTR context)
{
    struct operation *operation = (struct operation *)context;

    operation->routine((DWORD)operation->error,
                       operation->transfer.bytes,
                       operation->overlapped,
                       operation->transfer.flags);
    overlapped_discard(operation);
}

/* As soon as Internal has changed, the structure is the client's again. */
static void finish_here(WSAOVERLAPPED *overlapped, HANDLE event, DWORD bytes)
{
    overlapped->InternalHigh = bytes;
    MemoryBarrier();
    overlapped->Internal = 0;
    if (event)
        SetEvent(event);
}

static void finish_by_routine(struct operation *operation)
{
    int error;

    finish_here(operation->overlapped, NULL, operation->transfer.bytes);
    if (upcalls.lpWPUQueueApc(
            &operation->thread, call_routine, (DWORD_PTR)operation, &error))
        overlapped_discard(operation); /* the thread has ended */
}

/* ws2_32 knows of completion ports. It refuses descriptors of a client that is not
 * ws2_32 itself, by its result or (Wine 8.0, where it is a stub) only by the code. */
static void finish_by_event(struct operation *operation)
{
    HANDLE event = event_of(operation->overlapped);
    DWORD bytes = operation->transfer.bytes;
    int error = 0;

    if (WPUCompleteOverlappedRequest(operation->socket,
                                     operation->overlapped,
                                     (DWORD)operation->error,
                                     bytes,
                                     &error) ||
        error)
        finish_here(operation->overlapped, event, bytes);
    overlapped_discard(operation);
}

/* Whether the operation goes on with what comes after its success. */
static bool goes_on(struct operation *operation)
{
    int (*then)(struct operation *) = operation->then;

    if (!then || operation->error)
        return false;
    operation->then = NULL;
    operation->error = then(operation);
    return operation->error == WSA_IO_PENDING;
}

void overlapped_finish_one(struct operation *operation)
{
    if (goes_on(operation))
        return;
    operation->overlapped->Offset = operation->transfer.flags;
    operation->overlapped->OffsetHigh = (DWORD)operation->error;
    if (operation->routine)
        finish_by_routine(operation);
    else
        finish_by_event(operation);
}

void overlapped_finish(struct queue *done)
{
    while (done->first)
        overlapped_finish_one(take(done));
}

void overlapped_drop(struct queue *done)
{
    while (done->first) {
        struct operation *operation = take(done);

        operation->overlapped->OffsetHigh = (DWORD)operation->error;
        finish_here(operation->overlapped, NULL, 0);
        overlapped_discard(operation);
    }
}

/* --- WSPGetOverlappedResult ------------------------------------------------------ */

static bool pending(const WSAOVERLAPPED *overlapped)
{
    return *(const volatile ULONG_PTR *)&overlapped->Internal == PENDING;
}

/* Waits for the event, or for the end of the provider, which signals none. */
static int await_end(struct endpoint *endpoint, const WSAOVERLAPPED *overlapped)
{
    struct waiter waiter = {.mask = 0};
    struct blocking blocking;
    int error = blocking_begin(&blocking, endpoint->entry, INFINITE);

    if (error)
        return error;
    waiter.event = blocking.thread->wake;
    EnterCriticalSection(&endpoint->lock);
    endpoint_add_waiter(endpoint, &waiter);
    LeaveCriticalSection(&endpoint->lock);
    while (!error && pending(overlapped)) {
        error = waiter.ended;
        if (!error)
            error = blocking_wait(&blocking, event_of(overlapped));
    }
    EnterCriticalSection(&endpoint->lock);
    endpoint_remove_waiter(endpoint, &waiter);
    LeaveCriticalSection(&endpoint->lock);
    blocking_end(&blocking);
    return error;
}

static int result_of(struct endpoint *endpoint,
                     WSAOVERLAPPED *overlapped,
                     DWORD *bytes,
                     BOOL wait,
                     DWORD *flags)
{
    int error;

    if (!memory_writable(overlapped, sizeof *overlapped) ||
        !memory_writable(bytes, sizeof *bytes) ||
        (flags && !memory_writable(flags, sizeof *flags)))
        return WSAEINVAL;
    if (pending(overlapped)) {
        if (!wait)
            return WSA_IO_INCOMPLETE;
        if (!event_of(overlapped))
            return WSA_INVALID_HANDLE;
        error = await_end(endpoint, overlapped);
        if (error)
            return error;
    }
    error = (int)overlapped->OffsetHigh;
    if (!error)
        *bytes = (DWORD)overlapped->InternalHigh;
    if (!error && flags)
        *flags = overlapped->Offset;
    return error;
}

BOOL WSPAPI WSPGetOverlappedResult(SOCKET s,
                                   LPWSAOVERLAPPED lpOverlapped,
                                   LPDWORD lpcbTransfer,
                                   BOOL fWait,
                                   LPDWORD lpdwFlags,
                                   LPINT lpErrno)
{
    struct endpoint *endpoint;
    int error = endpoint_enter(s, &endpoint);

    if (error)
        return fail_bool(lpErrno, error);
    error = result_of(endpoint, lpOverlapped, lpcbTransfer, fWait, lpdwFlags);
    endpoint_leave(endpoint);
    return error ? fail_bool(lpErrno, error) : TRUE;
}

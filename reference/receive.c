/* WSPRecv and WSPRecvFrom. */
#include "receive.h"

#include "blocking.h"
#include "error.h"
#include "events.h"
#include "memory.h"
#include "overlapped.h"
#include "service.h"
#include "spi.h"

/* What the client handed over beside the transfer; where its results go. */
struct results {
    DWORD *bytes; /* may be NULL for an overlapped call */
    DWORD *flags;
};

int receive_check_buffers(const WSABUF *buffers, DWORD count)
{
    if (count > 0x10000000 / sizeof *buffers ||
        !memory_readable(buffers, count * sizeof *buffers))
        return WSAEFAULT;
    return 0;
}

/* The buffers' own memory is checked where it is written to, by the lower layer. */
static int check(const struct endpoint *endpoint,
                 const struct transfer *transfer,
                 const struct completion *completion,
                 const struct results *results)
{
    if (receive_check_buffers(transfer->buffers, transfer->count) ||
        !memory_writable(results->flags, sizeof *results->flags))
        return WSAEFAULT;
    if (results->bytes || !overlapped_wanted(endpoint, completion)) {
        if (!memory_writable(results->bytes, sizeof *results->bytes))
            return WSAEFAULT;
    }
    if (transfer->from &&
        (!memory_writable(transfer->from_length, sizeof *transfer->from_length) ||
         *transfer->from_length < endpoint->transport->name_length(endpoint) ||
         !memory_writable(transfer->from, (size_t)*transfer->from_length)))
        return WSAEFAULT;
    if ((*results->flags & MSG_OOB) && !endpoint_has(endpoint, XP1_EXPEDITED_DATA))
        return WSAEOPNOTSUPP;
    return 0;
}

/* With the lock held, as blocking_until wants it. Operations that were posted earlier
 * come first. */
static int try_receive(struct endpoint *endpoint, void *context)
{
    int error = endpoint_may_receive(endpoint);

    if (error)
        return error;
    if (endpoint->receives.first)
        return WSAEWOULDBLOCK;
    return endpoint->transport->receive(endpoint, context, NULL);
}

/* A look ahead and expedited data cannot be left pending below. */
static bool can_be_posted(const struct endpoint *endpoint,
                          const struct transfer *transfer)
{
    return !(transfer->flags & (MSG_PEEK | MSG_OOB)) && !endpoint->receives.first;
}

static int receive_now(struct endpoint *endpoint, struct transfer *transfer)
{
    DWORD limit = endpoint->receive_limit ? endpoint->receive_limit : INFINITE;
    int error;

    if (endpoint->nonblocking) {
        EnterCriticalSection(&endpoint->lock);
        error = try_receive(endpoint, transfer);
        LeaveCriticalSection(&endpoint->lock);
        return error;
    }
    if (endpoint->transport->engine) {
        transfer->waits = true;
        return blocking_read(endpoint, limit, try_receive, transfer);
    }
    if (!can_be_posted(endpoint, transfer))
        return blocking_until(endpoint,
                              FD_READ | FD_OOB | FD_CLOSE | WAITS_TO_RECEIVE,
                              limit,
                              try_receive,
                              transfer);
    return blocking_transfer(endpoint,
                             transfer,
                             endpoint->transport->receive,
                             endpoint_may_receive,
                             WAITS_TO_RECEIVE,
                             limit);
}

int receive_attempt(struct endpoint *endpoint, struct operation *operation)
{
    return endpoint->transport->receive(endpoint, &operation->transfer, NULL);
}

int receive_start(struct endpoint *endpoint,
                  struct operation *operation,
                  struct transfer *transfer)
{
    int error;

    EnterCriticalSection(&endpoint->lock);
    error = endpoint_may_receive(endpoint);
    if (!error)
        error = overlapped_start(endpoint, &endpoint->receives, operation);
    LeaveCriticalSection(&endpoint->lock);
    if (!error) {
        *transfer = operation->transfer;
        overlapped_finish_one(operation);
    } else if (error != WSA_IO_PENDING) {
        overlapped_discard(operation);
    }
    return error;
}

static int receive_overlapped(struct endpoint *endpoint,
                              struct transfer *transfer,
                              const struct completion *completion)
{
    struct operation *operation = overlapped_create(completion, transfer);

    if (!operation)
        return WSAENOBUFS;
    operation->attempt = receive_attempt;
    return receive_start(endpoint, operation, transfer);
}

/* Nothing can come to a socket without a local address, so there is no waiting for it;
 * connections have one. */
static int require_name(struct endpoint *endpoint)
{
    struct sockaddr_storage name;
    int length = sizeof name;
    bool refused;

    if (!endpoint_connectionless(endpoint))
        return 0;
    EnterCriticalSection(&endpoint->lock);
    if (!endpoint->named)
        endpoint->named = endpoint->transport->local_name(
                              endpoint, (struct sockaddr *)&name, &length) == 0;
    refused = !endpoint->named && !endpoint->reception_ended;
    LeaveCriticalSection(&endpoint->lock);
    return refused ? WSAEINVAL : 0;
}

/* A datagram socket whose default destination was taken back is for WSPRecvFrom. */
static int receive(struct endpoint *endpoint,
                   struct transfer *transfer,
                   const struct completion *completion,
                   const struct results *results)
{
    int error = check(endpoint, transfer, completion, results);

    if (!error)
        error = require_name(endpoint);
    if (error)
        return error;
    transfer->flags = *results->flags;
    if (overlapped_wanted(endpoint, completion))
        error = receive_overlapped(endpoint, transfer, completion);
    else
        error = receive_now(endpoint, transfer);
    if (!error) {
        if (results->bytes)
            *results->bytes = transfer->bytes;
        *results->flags = transfer->flags;
    }
    receive_enable_events(endpoint);
    return error;
}

void receive_enable_events(struct endpoint *endpoint)
{
    bool engine = endpoint->transport->engine != NULL;

    if (!endpoint->registration.mask && !engine)
        return;
    EnterCriticalSection(&endpoint->lock);
    events_enable(endpoint, FD_READ | FD_OOB);
    if (engine) /* more may have arrived than was asked for */
        service_update(endpoint);
    LeaveCriticalSection(&endpoint->lock);
}

int WSPAPI WSPRecv(SOCKET s,
                   LPWSABUF lpBuffers,
                   DWORD dwBufferCount,
                   LPDWORD lpNumberOfBytesRecvd,
                   LPDWORD lpFlags,
                   LPWSAOVERLAPPED lpOverlapped,
                   LPWSAOVERLAPPED_COMPLETION_ROUTINE lpCompletionRoutine,
                   LPWSATHREADID lpThreadId,
                   LPINT lpErrno)
{
    struct transfer transfer = {.buffers = lpBuffers, .count = dwBufferCount};
    struct completion completion = {s, lpOverlapped, lpCompletionRoutine, lpThreadId};
    struct results results = {lpNumberOfBytesRecvd, lpFlags};
    struct endpoint *endpoint;
    int error = endpoint_enter(s, &endpoint);

    if (error)
        return fail(lpErrno, error);
    error = endpoint->disconnected
                ? WSAENOTCONN
                : receive(endpoint, &transfer, &completion, &results);
    endpoint_leave(endpoint);
    return finish(lpErrno, error);
}

int WSPAPI WSPRecvFrom(SOCKET s,
                       LPWSABUF lpBuffers,
                       DWORD dwBufferCount,
                       LPDWORD lpNumberOfBytesRecvd,
                       LPDWORD lpFlags,
                       struct sockaddr *lpFrom,
                       LPINT lpFromlen,
                       LPWSAOVERLAPPED lpOverlapped,
                       LPWSAOVERLAPPED_COMPLETION_ROUTINE lpCompletionRoutine,
                       LPWSATHREADID lpThreadId,
                       LPINT lpErrno)
{
    struct transfer transfer = {.buffers = lpBuffers,
                                .count = dwBufferCount,
                                .from = lpFrom,
                                .from_length = lpFromlen};
    struct completion completion = {s, lpOverlapped, lpCompletionRoutine, lpThreadId};
    struct results results = {lpNumberOfBytesRecvd, lpFlags};
    struct endpoint *endpoint;
    int error = endpoint_enter(s, &endpoint);

    if (error)
        return fail(lpErrno, error);
    error = receive(endpoint, &transfer, &completion, &results);
    endpoint_leave(endpoint);
    return finish(lpErrno, error);
}

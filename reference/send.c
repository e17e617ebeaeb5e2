/* WSPSend and WSPSendTo. */
#include "send.h"

#include "blocking.h"
#include "error.h"
#include "events.h"
#include "memory.h"
#include "overlapped.h"
#include "receive.h"
#include "spi.h"

static int check_destination(const struct endpoint *endpoint, struct transfer *transfer)
{
    int error;

    if (!endpoint_connectionless(endpoint))
        transfer->to = NULL; /* a connection has only one destination */
    if (!transfer->to)
        return 0;
    error = endpoint->transport->check_name(
        endpoint, transfer->to, transfer->to_length, WSAEAFNOSUPPORT);
    if (!error && endpoint->transport->is_null_name(transfer->to))
        error = WSAEADDRNOTAVAIL;
    return error;
}

static int check(const struct endpoint *endpoint,
                 struct transfer *transfer,
                 const struct completion *completion,
                 const DWORD *bytes)
{
    if (receive_check_buffers(transfer->buffers, transfer->count))
        return WSAEFAULT;
    if ((bytes || !overlapped_wanted(endpoint, completion)) &&
        !memory_writable(bytes, sizeof *bytes))
        return WSAEFAULT;
    if ((transfer->flags & MSG_OOB) && !endpoint_has(endpoint, XP1_EXPEDITED_DATA))
        return WSAEOPNOTSUPP;
    if ((transfer->flags & MSG_PARTIAL) && !endpoint_has(endpoint, XP1_PARTIAL_MESSAGE))
        return WSAEOPNOTSUPP;
    return check_destination(endpoint, transfer);
}

static int try_send(struct endpoint *endpoint, void *context)
{
    int error = endpoint_may_send(endpoint);

    if (error)
        return error;
    if (endpoint->sends.first)
        return WSAEWOULDBLOCK;
    return endpoint->transport->send(endpoint, context, NULL);
}

/* A blocking call of an engine's endpoint ends when the lower layer has it all. */
static int send_and_wait(struct endpoint *endpoint, void *context)
{
    struct transfer *transfer = context;
    int error = 0;

    while (!error && !transfer->through) {
        error = try_send(endpoint, transfer);
        if (!error)
            transfer->begin += transfer->bytes;
        if (!error && transfer->begin == transfer_length(transfer))
            transfer->through = true;
    }
    transfer->bytes = transfer->begin;
    if (!error && !endpoint_poll(endpoint, FD_WRITE))
        error = WSAEWOULDBLOCK;
    return error;
}

/* Operations that were posted earlier come first. */
static int no_earlier_ones(struct endpoint *endpoint, void *context)
{
    (void)context;
    return endpoint->sends.first ? WSAEWOULDBLOCK : 0;
}

static int send_now(struct endpoint *endpoint, struct transfer *transfer)
{
    DWORD limit = endpoint->send_limit ? endpoint->send_limit : INFINITE;
    int error;

    if (endpoint->nonblocking) {
        EnterCriticalSection(&endpoint->lock);
        error = try_send(endpoint, transfer);
        LeaveCriticalSection(&endpoint->lock);
        return error;
    }
    if (endpoint->transport->engine)
        return blocking_until(endpoint,
                              FD_WRITE | FD_CLOSE | WAITS_TO_SEND,
                              limit,
                              send_and_wait,
                              transfer);
    if (endpoint->sends.first) {
        error = blocking_until(
            endpoint, FD_WRITE | WAITS_TO_SEND, limit, no_earlier_ones, NULL);
        if (error)
            return error;
    }
    return blocking_transfer(endpoint,
                             transfer,
                             endpoint->transport->send,
                             endpoint_may_send,
                             WAITS_TO_SEND,
                             limit);
}

/* Takes `bytes` that were sent off the front of the operation's buffers. */
static void consume(struct transfer *transfer, DWORD bytes)
{
    while (transfer->count && bytes >= transfer->buffers->len) {
        bytes -= transfer->buffers->len;
        transfer->buffers++;
        transfer->count--;
    }
    if (transfer->count) {
        transfer->buffers->buf += bytes;
        transfer->buffers->len -= bytes;
    }
}

/* A byte stream may take a part at a time; the operation ends with the last one. */
int send_attempt(struct endpoint *endpoint, struct operation *operation)
{
    struct transfer *transfer = &operation->transfer;
    int error;

    do {
        error = endpoint->transport->send(endpoint, transfer, NULL);
        if (error)
            return error;
        operation->done += transfer->bytes;
        consume(transfer, transfer->bytes);
    } while (transfer->count && !endpoint_connectionless(endpoint));
    transfer->bytes = operation->done;
    transfer->flags = 0;
    return 0;
}

static int send_overlapped(struct endpoint *endpoint,
                           struct transfer *transfer,
                           const struct completion *completion)
{
    struct operation *operation = overlapped_create(completion, transfer);
    int error;

    if (!operation)
        return WSAENOBUFS;
    operation->attempt = send_attempt;
    EnterCriticalSection(&endpoint->lock);
    error = endpoint_may_send(endpoint);
    if (!error)
        error = overlapped_start(endpoint, &endpoint->sends, operation);
    LeaveCriticalSection(&endpoint->lock);
    if (!error) {
        transfer->bytes = operation->transfer.bytes;
        overlapped_finish_one(operation);
    } else if (error != WSA_IO_PENDING) {
        overlapped_discard(operation);
    }
    return error;
}

/* FD_WRITE comes again after a send that found no room, and only then. */
static void enable_events(struct endpoint *endpoint, int error)
{
    if (error != WSAEWOULDBLOCK || !endpoint->registration.mask)
        return;
    EnterCriticalSection(&endpoint->lock);
    events_enable(endpoint, FD_WRITE);
    LeaveCriticalSection(&endpoint->lock);
}

static int send_data(struct endpoint *endpoint,
                     struct transfer *transfer,
                     const struct completion *completion,
                     DWORD *bytes)
{
    int error = check(endpoint, transfer, completion, bytes);

    if (error)
        return error;
    if (!transfer->to && endpoint_connectionless(endpoint) &&
        endpoint->state != ENDPOINT_CONNECTED)
        return WSAENOTCONN;
    if (overlapped_wanted(endpoint, completion))
        error = send_overlapped(endpoint, transfer, completion);
    else
        error = send_now(endpoint, transfer);
    if (!error && bytes)
        *bytes = transfer->bytes;
    enable_events(endpoint, error);
    return error;
}

int WSPAPI WSPSendTo(SOCKET s,
                     LPWSABUF lpBuffers,
                     DWORD dwBufferCount,
                     LPDWORD lpNumberOfBytesSent,
                     DWORD dwFlags,
                     const struct sockaddr *lpTo,
                     int iTolen,
                     LPWSAOVERLAPPED lpOverlapped,
                     LPWSAOVERLAPPED_COMPLETION_ROUTINE lpCompletionRoutine,
                     LPWSATHREADID lpThreadId,
                     LPINT lpErrno)
{
    struct transfer transfer = {.buffers = lpBuffers,
                                .count = dwBufferCount,
                                .flags = dwFlags,
                                .to = lpTo,
                                .to_length = iTolen};
    struct completion completion = {s, lpOverlapped, lpCompletionRoutine, lpThreadId};
    struct endpoint *endpoint;
    int error = endpoint_enter(s, &endpoint);

    if (error)
        return fail(lpErrno, error);
    error = send_data(endpoint, &transfer, &completion, lpNumberOfBytesSent);
    endpoint_leave(endpoint);
    return finish(lpErrno, error);
}

int WSPAPI WSPSend(SOCKET s,
                   LPWSABUF lpBuffers,
                   DWORD dwBufferCount,
                   LPDWORD lpNumberOfBytesSent,
                   DWORD dwFlags,
                   LPWSAOVERLAPPED lpOverlapped,
                   LPWSAOVERLAPPED_COMPLETION_ROUTINE lpCompletionRoutine,
                   LPWSATHREADID lpThreadId,
                   LPINT lpErrno)
{
    return WSPSendTo(s,
                     lpBuffers,
                     dwBufferCount,
                     lpNumberOfBytesSent,
                     dwFlags,
                     NULL,
                     0,
                     lpOverlapped,
                     lpCompletionRoutine,
                     lpThreadId,
                     lpErrno);
}

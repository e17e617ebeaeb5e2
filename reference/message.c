#include "message.h"

#include "blocking.h"
#include "error.h"
#include "memory.h"
#include "overlapped.h"
#include "receive.h"
#include "startup.h"

/* A message on its way, for an attempt. */
struct reception {
    WSAMSG *message;
    DWORD bytes;
};

/* With the lock held. Messages come in the order in which they were asked for. */
static int try_now(struct endpoint *endpoint, void *context)
{
    struct reception *reception = context;
    int error = endpoint_may_receive(endpoint);

    if (error)
        return error;
    if (endpoint->receives.first)
        return WSAEWOULDBLOCK;
    return endpoint->transport->receive_message(
        endpoint, reception->message, &reception->bytes);
}

static int try_operation(struct endpoint *endpoint, struct operation *operation)
{
    struct reception *reception = operation->detail;
    int error = endpoint->transport->receive_message(
        endpoint, reception->message, &operation->transfer.bytes);

    if (!error)
        operation->transfer.flags = reception->message->dwFlags;
    return error;
}

static int receive_now(struct endpoint *endpoint, WSAMSG *message, DWORD *bytes)
{
    struct reception reception = {.message = message};
    int error;

    if (endpoint->nonblocking) {
        EnterCriticalSection(&endpoint->lock);
        error = try_now(endpoint, &reception);
        LeaveCriticalSection(&endpoint->lock);
    } else {
        error =
            blocking_until(endpoint,
                           FD_READ | WAITS_TO_RECEIVE,
                           endpoint->receive_limit ? endpoint->receive_limit : INFINITE,
                           try_now,
                           &reception);
    }
    if (!error)
        *bytes = reception.bytes;
    return error;
}

/* The client did not say on which thread it is, as it does in functions of the table.
 */
static int open_thread(struct operation *operation)
{
    int error;

    if (!operation->routine)
        return 0;
    if (upcalls.lpWPUOpenCurrentThread(&operation->thread, &error))
        return error;
    operation->opened_thread = true;
    return 0;
}

static int receive_overlapped(struct endpoint *endpoint,
                              WSAMSG *message,
                              DWORD *bytes,
                              const struct completion *completion)
{
    struct transfer transfer = {0};
    struct operation *operation = overlapped_create(completion, &transfer);
    struct reception *reception = memory_allocate(sizeof *reception);
    int error = WSAENOBUFS;

    if (operation && reception)
        error = open_thread(operation);
    if (error) {
        memory_free(operation);
        memory_free(reception);
        return error;
    }
    reception->message = message;
    operation->detail = reception;
    operation->attempt = try_operation;
    error = receive_start(endpoint, operation, &transfer);
    if (!error && bytes)
        *bytes = transfer.bytes;
    return error;
}

static int check(const WSAMSG *message, const DWORD *bytes, bool overlapped)
{
    if (!memory_writable(message, sizeof *message) ||
        receive_check_buffers(message->lpBuffers, message->dwBufferCount))
        return WSAEFAULT;
    if ((bytes || !overlapped) && !memory_writable(bytes, sizeof *bytes))
        return WSAEFAULT;
    return 0;
}

static int receive(struct endpoint *endpoint,
                   WSAMSG *message,
                   DWORD *bytes,
                   const struct completion *completion)
{
    bool overlapped = overlapped_wanted(endpoint, completion);
    int error = check(message, bytes, overlapped);

    if (error)
        return error;
    error = overlapped ? receive_overlapped(endpoint, message, bytes, completion)
                       : receive_now(endpoint, message, bytes);
    receive_enable_events(endpoint);
    return error;
}

int WSAAPI receive_message(SOCKET s,
                           WSAMSG *message,
                           DWORD *received,
                           WSAOVERLAPPED *overlapped,
                           LPWSAOVERLAPPED_COMPLETION_ROUTINE routine)
{
    struct completion completion = {s, overlapped, routine, NULL};
    struct endpoint *endpoint;
    int error = endpoint_enter(s, &endpoint);

    if (!error) {
        error = receive(endpoint, message, received, &completion);
        endpoint_leave(endpoint);
    }
    if (!error)
        return 0;
    SetLastError((DWORD)error);
    return SOCKET_ERROR;
}

#include "connect_ex.h"

#include "connect.h"
#include "disconnect.h"
#include "lower.h"
#include "memory.h"
#include "overlapped.h"
#include "registry.h"
#include "send.h"

/* The end of an extension function that begins an operation. */
static BOOL begun(int error)
{
    SetLastError(error ? (DWORD)error : WSA_IO_PENDING);
    return FALSE;
}

/* --- ConnectEx ------------------------------------------------------------------- */

static int try_connected(struct endpoint *endpoint, struct operation *operation)
{
    return connect_outcome(endpoint, operation);
}

/* The data that go right behind the connection. */
static int send_first(struct operation *operation)
{
    struct endpoint *endpoint = registry_find(operation->socket);
    int error;

    if (!endpoint)
        return WSA_OPERATION_ABORTED;
    operation->attempt = send_attempt;
    EnterCriticalSection(&endpoint->lock);
    error = overlapped_start(endpoint, &endpoint->sends, operation);
    LeaveCriticalSection(&endpoint->lock);
    registry_release(endpoint);
    return error;
}

/* ConnectEx wants the socket bound. */
static int check(struct endpoint *endpoint, const struct sockaddr *name, int length)
{
    struct sockaddr_storage own;
    int own_length = sizeof own;

    if (endpoint->transport->local_name(endpoint, (struct sockaddr *)&own, &own_length))
        return WSAEINVAL;
    return endpoint->transport->check_name(endpoint, name, length, WSAEAFNOSUPPORT);
}

/* With the lock held. */
static int begin(struct endpoint *endpoint,
                 const struct sockaddr *name,
                 int length,
                 struct operation *operation)
{
    int error = connect_begin(endpoint, name, length, NULL, NULL);

    if (error && error != WSAEWOULDBLOCK)
        return error;
    return overlapped_start(endpoint, &endpoint->connects, operation);
}

static int start(struct endpoint *endpoint,
                 const struct sockaddr *name,
                 int length,
                 WSABUF data,
                 const struct completion *completion)
{
    struct transfer transfer = {.buffers = &data, .count = data.len > 0};
    struct operation *operation = overlapped_create(completion, &transfer);
    int error;

    if (!operation)
        return WSAENOBUFS;
    operation->attempt = try_connected;
    operation->then = data.len ? send_first : NULL;
    EnterCriticalSection(&endpoint->lock);
    error = begin(endpoint, name, length, operation);
    LeaveCriticalSection(&endpoint->lock);
    if (error && error != WSA_IO_PENDING)
        overlapped_discard(operation);
    else if (!error)
        overlapped_finish_one(operation);
    return error && error != WSA_IO_PENDING ? error : 0;
}

/* Always ends by its overlapped structure, also when it could be served at once. */
BOOL WINAPI connect_ex(SOCKET s,
                       const struct sockaddr *name,
                       int length,
                       void *data,
                       DWORD data_length,
                       DWORD *sent,
                       OVERLAPPED *overlapped)
{
    struct completion completion = {s, overlapped, NULL, NULL};
    WSABUF buffer = {data ? data_length : 0, data};
    struct endpoint *endpoint;
    int error = endpoint_enter(s, &endpoint);

    (void)sent; /* told by the completion */
    if (error)
        return begun(error);
    error = overlapped ? check(endpoint, name, length) : WSAEINVAL;
    if (!error)
        error = start(endpoint, name, length, buffer, &completion);
    endpoint_leave(endpoint);
    return begun(error);
}

/* --- DisconnectEx ---------------------------------------------------------------- */

/* The descriptor gets a new lower socket and is as if it had just been made. */
static int make_reusable(struct endpoint *endpoint)
{
    SOCKET fresh;
    int error = endpoint->transport->open(endpoint->entry, &fresh);

    if (error)
        return error;
    EnterCriticalSection(&endpoint->lock);
    lower_close(registry_replace_lower(endpoint, fresh));
    endpoint->armed = 0;
    endpoint->state = ENDPOINT_OPEN;
    endpoint->reception_ended = false;
    endpoint->sending_ended = false;
    endpoint->disconnect_due = false;
    endpoint->peer_closed = false;
    LeaveCriticalSection(&endpoint->lock);
    return 0;
}

static int
disconnect(struct endpoint *endpoint, const struct completion *completion, DWORD flags)
{
    struct transfer nothing = {0};
    struct operation *operation = NULL;
    int error;

    if (completion->overlapped) {
        operation = overlapped_create(completion, &nothing);
        if (!operation)
            return WSAENOBUFS;
    }
    error = disconnect_shut_down(endpoint, SD_BOTH);
    if (!error && (flags & TF_REUSE_SOCKET))
        error = make_reusable(endpoint);
    if (operation && error)
        overlapped_discard(operation);
    else if (operation)
        overlapped_finish_one(operation);
    return error;
}

BOOL WINAPI disconnect_ex(SOCKET s, OVERLAPPED *overlapped, DWORD flags, DWORD reserved)
{
    struct completion completion = {s, overlapped, NULL, NULL};
    struct endpoint *endpoint;
    int error = endpoint_enter(s, &endpoint);

    if (!error) {
        error = reserved || (flags & ~(DWORD)TF_REUSE_SOCKET)
                    ? WSAEINVAL
                    : disconnect(endpoint, &completion, flags);
        endpoint_leave(endpoint);
    }
    if (error)
        SetLastError((DWORD)error);
    return error == 0;
}

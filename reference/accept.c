/* WSPListen and WSPAccept. */
#include "accept.h"

#include "blocking.h"
#include "error.h"
#include "events.h"
#include "lower.h"
#include "memory.h"
#include "registry.h"
#include "service.h"
#include "spi.h"
#include "thread.h"

/* --- Listening ------------------------------------------------------------------- */

static int listen_on(struct endpoint *endpoint, int backlog)
{
    int error;

    if (!endpoint->transport->listen)
        return WSAEOPNOTSUPP;
    endpoint_settle(endpoint);
    if (endpoint->state == ENDPOINT_CONNECTED)
        return WSAEISCONN;
    if (endpoint->state == ENDPOINT_CONNECTING)
        return WSAEINVAL;
    error = endpoint->transport->listen(endpoint, backlog);
    if (error)
        return error;
    endpoint->state = ENDPOINT_LISTENING;
    service_update(endpoint);
    return 0;
}

int WSPAPI WSPListen(SOCKET s, int backlog, LPINT lpErrno)
{
    struct endpoint *endpoint;
    int error = endpoint_enter(s, &endpoint);

    if (error)
        return fail(lpErrno, error);
    EnterCriticalSection(&endpoint->lock);
    error = listen_on(endpoint, backlog);
    LeaveCriticalSection(&endpoint->lock);
    endpoint_leave(endpoint);
    return finish(lpErrno, error);
}

/* --- Requests -------------------------------------------------------------------- */

int accept_take(struct endpoint *listener, void *context)
{
    struct request **taken = context;
    struct request *request;
    int error;

    if (listener->deciding)
        return WSAEWOULDBLOCK; /* another thread is at the head of the queue */
    if (listener->head) {
        *taken = listener->head;
        listener->head = NULL;
        return 0;
    }
    request = memory_allocate(sizeof *request);
    if (!request)
        return WSAENOBUFS;
    error = listener->transport->accept(listener, request);
    if (error)
        memory_free(request);
    else
        *taken = request;
    return error;
}

/* Back to the head of the queue, where it holds up the others. */
static void put_back(struct endpoint *listener, struct request *request)
{
    EnterCriticalSection(&listener->lock);
    listener->head = request;
    LeaveCriticalSection(&listener->lock);
}

static void reject(struct request *request)
{
    lower_set_hard_close(request->lower);
    lower_close(request->lower);
    memory_free(request);
}

static int await_request(struct endpoint *listener, struct request **request)
{
    int error;

    if (!listener->nonblocking)
        return blocking_until(listener, FD_ACCEPT, INFINITE, accept_take, request);
    EnterCriticalSection(&listener->lock);
    error = accept_take(listener, request);
    LeaveCriticalSection(&listener->lock);
    return error;
}

/* --- The condition function ------------------------------------------------------ */

/* Asks the client, on this thread; gives its CF_ value. What it calls meanwhile on this
 * thread fails with WSAEINPROGRESS (RD-9). */
static int ask(struct endpoint *listener,
               struct thread *thread,
               struct request *request,
               LPCONDITIONPROC condition,
               DWORD_PTR context)
{
    WSABUF caller = {(ULONG)request->caller_length, (char *)&request->caller};
    WSABUF callee = {0, (char *)&request->callee};
    WSABUF callee_data = {0, NULL}; /* none can be returned */
    GROUP group = 0;
    int answer;

    listener->transport->find_callee(request);
    callee.len = (ULONG)request->callee_length;
    thread->callbacks++;
    answer =
        condition(&caller, NULL, NULL, NULL, &callee, &callee_data, &group, context);
    thread->callbacks--;
    return answer;
}

/* 0: accepted. Else what the client decided, and the request is dealt with. */
static int decide(struct endpoint *listener,
                  struct request *request,
                  LPCONDITIONPROC condition,
                  DWORD_PTR context)
{
    struct thread *thread = thread_self();
    int answer;

    if (!thread) {
        put_back(listener, request);
        return WSAENOBUFS;
    }
    EnterCriticalSection(&listener->lock);
    listener->deciding = true;
    LeaveCriticalSection(&listener->lock);
    answer = ask(listener, thread, request, condition, context);
    EnterCriticalSection(&listener->lock);
    listener->deciding = false;
    endpoint_wake(listener, FD_ACCEPT);
    service_update(listener);
    LeaveCriticalSection(&listener->lock);

    switch (answer) {
    case CF_ACCEPT:
        return 0;
    case CF_REJECT:
        reject(request);
        return WSAECONNREFUSED;
    case CF_DEFER:
        put_back(listener, request);
        return WSATRY_AGAIN;
    default:
        put_back(listener, request);
        return WSAEINVAL;
    }
}

/* --- The new socket -------------------------------------------------------------- */

/* The accepted socket has the listener's properties, its network events among them. */
static void
inherit(struct endpoint *endpoint, const struct endpoint *listener, SOCKET s)
{
    struct registration registration = {
        .mask = listener->registration.mask,
        .event = listener->registration.event,
        .window = listener->registration.window,
        .message = listener->registration.message,
        .socket = s,
        .reported = FD_CONNECT, /* it did not connect */
    };

    EnterCriticalSection(&endpoint->lock);
    endpoint->linger = listener->linger;
    endpoint->receive_limit = listener->receive_limit;
    endpoint->send_limit = listener->send_limit;
    endpoint->nonblocking = listener->nonblocking;
    if (registration.mask)
        events_register(endpoint, &registration);
    LeaveCriticalSection(&endpoint->lock);
}

static int open_accepted(struct endpoint *listener, struct request *request, SOCKET *s)
{
    struct endpoint *endpoint = endpoint_create(listener->entry, request->lower);
    int error;

    memory_free(request);
    if (!endpoint)
        return WSAENOBUFS;
    endpoint->overlapped = listener->overlapped;
    endpoint->state = ENDPOINT_CONNECTED;
    error = registry_add(endpoint, s);
    if (!error)
        inherit(endpoint, listener, *s);
    registry_release(endpoint);
    return error;
}

static void
tell_caller(const struct request *request, struct sockaddr *addr, int *length)
{
    if (!addr || !length)
        return;
    memcpy(addr, &request->caller, (size_t)request->caller_length);
    *length = request->caller_length;
}

static int check(const struct endpoint *listener,
                 const struct sockaddr *addr,
                 const int *length,
                 LPCONDITIONPROC condition)
{
    if (!listener->transport->accept)
        return WSAEOPNOTSUPP;
    if (listener->state != ENDPOINT_LISTENING)
        return WSAEINVAL;
    if (addr && length) {
        if (!memory_writable(length, sizeof *length) ||
            *length < listener->transport->name_length(listener) ||
            !memory_writable(addr, (size_t)*length))
            return WSAEFAULT;
    }
    if (condition && !memory_readable((const void *)(ULONG_PTR)condition, 1))
        return WSAEFAULT;
    return 0;
}

/* FD_ACCEPT is enabled again unless the client put its decision off. */
static void enable_events(struct endpoint *listener, int error)
{
    if (error == WSATRY_AGAIN)
        return;
    EnterCriticalSection(&listener->lock);
    events_enable(listener, FD_ACCEPT);
    LeaveCriticalSection(&listener->lock);
}

SOCKET WSPAPI WSPAccept(SOCKET s,
                        struct sockaddr *addr,
                        LPINT addrlen,
                        LPCONDITIONPROC lpfnCondition,
                        DWORD_PTR dwCallbackData,
                        LPINT lpErrno)
{
    SOCKET accepted = INVALID_SOCKET;
    struct request *request = NULL;
    struct endpoint *listener;
    int error = endpoint_enter(s, &listener);

    if (error)
        return fail_socket(lpErrno, error);
    error = check(listener, addr, addrlen, lpfnCondition);
    if (!error)
        error = await_request(listener, &request);
    if (!error) {
        tell_caller(request, addr, addrlen);
        if (lpfnCondition)
            error = decide(listener, request, lpfnCondition, dwCallbackData);
        if (!error)
            error = open_accepted(listener, request, &accepted);
    }
    enable_events(listener, error);
    endpoint_leave(listener);
    return error ? fail_socket(lpErrno, error) : accepted;
}

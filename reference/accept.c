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
    WSABUF caller_data = {request->caller_data_length, request->caller_data};
    WSABUF callee_data = {request->callee_data_length, request->callee_data};
    GROUP group = 0;
    int answer;

    listener->transport->find_callee(request);
    callee.len = (ULONG)request->callee_length;
    thread->callbacks++;
    answer = condition(&caller,
                       caller_data.len ? &caller_data : NULL,
                       NULL,
                       NULL,
                       &callee,
                       &callee_data,
                       &group,
                       context);
    thread->callbacks--;
    if (callee_data.len > request->callee_data_length)
        return -1; /* more than there is room for */
    if (answer == CF_ACCEPT)
        request->callee_data_length = callee_data.len;
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
        endpoint_refuse(listener, request);
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

/* The request's endpoint, connected; an engine is told what the client decided. */
static int make_endpoint(const struct endpoint *listener,
                         struct request *request,
                         struct endpoint **endpoint)
{
    *endpoint = request->endpoint;
    if (!*endpoint)
        *endpoint = endpoint_create(listener->entry, request->lower);
    if (!*endpoint)
        return WSAENOBUFS;
    EnterCriticalSection(&(*endpoint)->lock);
    (*endpoint)->overlapped = listener->overlapped;
    (*endpoint)->state = ENDPOINT_CONNECTED;
    LeaveCriticalSection(&(*endpoint)->lock);
    return listener->transport->engine ? listener->transport->engine->admit(request)
                                       : 0;
}

static int open_accepted(struct endpoint *listener, struct request *request, SOCKET *s)
{
    struct endpoint *endpoint;
    int error = make_endpoint(listener, request, &endpoint);

    memory_free(request);
    if (!endpoint)
        return error;
    if (!error)
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
        else
            request->callee_data_length = 0;
        if (!error)
            error = open_accepted(listener, request, &accepted);
    }
    enable_events(listener, error);
    endpoint_leave(listener);
    return error ? fail_socket(lpErrno, error) : accepted;
}

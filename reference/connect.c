/* WSPConnect. */
#include "connect.h"

#include "blocking.h"
#include "error.h"
#include "memory.h"
#include "service.h"
#include "spi.h"

/* Connect data are for protocols that have them; connectionless ones ignore them. */
static int check_connect_data(const struct endpoint *endpoint,
                              const WSABUF *caller,
                              WSABUF *callee)
{
    if (endpoint_connectionless(endpoint))
        return 0;
    if (caller) {
        if (!memory_readable(caller, sizeof *caller))
            return WSAEFAULT;
        if (caller->len && !endpoint_has(endpoint, XP1_CONNECT_DATA))
            return WSAEPROTONOSUPPORT;
        if (!memory_readable(caller->buf, caller->len))
            return WSAEFAULT;
    }
    if (callee && (!memory_writable(callee, sizeof *callee) ||
                   !memory_writable(callee->buf, callee->len)))
        return WSAEFAULT;
    if (callee && !endpoint->transport->engine)
        callee->len = 0; /* the other side returns none */
    return 0;
}

static int may_connect(struct endpoint *endpoint, const struct sockaddr *name)
{
    endpoint_settle(endpoint);
    switch (endpoint->state) {
    case ENDPOINT_LISTENING:
        return WSAEINVAL;
    case ENDPOINT_CONNECTING:
        return WSAEALREADY;
    case ENDPOINT_CONNECTED:
        return WSAEISCONN; /* RD-20: also when its reception has ended */
    case ENDPOINT_OPEN:
        break;
    }
    return endpoint->transport->is_null_name(name) ? WSAEADDRNOTAVAIL : 0;
}

/* Who wants to be told of the end has it announced, and looks once more, since it may
 * have come before. A call that waits for it does the same by itself. */
static void watch_attempt(struct endpoint *endpoint)
{
    service_update(endpoint);
    if (endpoint->armed & FD_CONNECT)
        endpoint_settle(endpoint);
}

int connect_begin(struct endpoint *endpoint,
                  const struct sockaddr *name,
                  int length,
                  const WSABUF *caller,
                  WSABUF *callee)
{
    const struct engine *engine = endpoint->transport->engine;
    int error = may_connect(endpoint, name);

    if (!error && engine)
        error = engine->set_connect_data(endpoint, caller, callee);
    if (error)
        return error;
    endpoint->connect_error = 0;
    endpoint->state = ENDPOINT_CONNECTING;
    endpoint->armed = 0;
    error = endpoint->transport->connect(endpoint, name, length);
    if (error == WSAEWOULDBLOCK)
        watch_attempt(endpoint);
    else
        endpoint_connect_ended(endpoint, error);
    return error;
}

/* Sets or, with a null address, takes back the default destination. */
static int
connect_datagrams(struct endpoint *endpoint, const struct sockaddr *name, int length)
{
    bool none = endpoint->transport->is_null_name(name);
    int error = endpoint->transport->connect(endpoint, name, length);

    if (error)
        return error;
    endpoint->disconnected = none;
    endpoint->state = none ? ENDPOINT_OPEN : ENDPOINT_CONNECTED;
    return 0;
}

int connect_outcome(struct endpoint *endpoint, void *context)
{
    (void)context;
    endpoint_settle(endpoint);
    if (endpoint->state == ENDPOINT_CONNECTING)
        return WSAEWOULDBLOCK;
    return endpoint->connect_error;
}

/* The wait for a connection was given up: the client's buffer is the client's again. */
static void forget_buffer(struct endpoint *endpoint)
{
    const struct engine *engine = endpoint->transport->engine;

    EnterCriticalSection(&endpoint->lock);
    if (engine)
        engine->set_connect_data(endpoint, NULL, NULL);
    LeaveCriticalSection(&endpoint->lock);
}

static int connect_to(struct endpoint *endpoint,
                      const struct sockaddr *name,
                      int length,
                      const WSABUF *caller,
                      WSABUF *callee)
{
    int error;

    EnterCriticalSection(&endpoint->lock);
    if (endpoint_connectionless(endpoint))
        error = connect_datagrams(endpoint, name, length);
    else
        error = connect_begin(endpoint, name, length, caller, callee);
    LeaveCriticalSection(&endpoint->lock);
    if (error != WSAEWOULDBLOCK || endpoint->nonblocking)
        return error;
    error = blocking_until(endpoint, FD_CONNECT, INFINITE, connect_outcome, NULL);
    if (error)
        forget_buffer(endpoint);
    return error;
}

int WSPAPI WSPConnect(SOCKET s,
                      const struct sockaddr *name,
                      int namelen,
                      LPWSABUF lpCallerData,
                      LPWSABUF lpCalleeData,
                      LPQOS lpSQOS,
                      LPQOS lpGQOS,
                      LPINT lpErrno)
{
    struct endpoint *endpoint;
    int error = endpoint_enter(s, &endpoint);

    (void)lpGQOS; /* reserved */
    if (error)
        return fail(lpErrno, error);
    error = endpoint->transport->check_name(endpoint, name, namelen, WSAEAFNOSUPPORT);
    if (!error)
        error = check_connect_data(endpoint, lpCallerData, lpCalleeData);
    if (!error && lpSQOS)
        error = WSAEOPNOTSUPP; /* no quality of service can be promised */
    if (!error)
        error = connect_to(endpoint, name, namelen, lpCallerData, lpCalleeData);
    endpoint_leave(endpoint);
    return finish(lpErrno, error);
}

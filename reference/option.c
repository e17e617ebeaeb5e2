/* WSPGetSockOpt and WSPSetSockOpt. The core answers for what it owns; the rest belongs
 * to the lower socket. */
#include "endpoint.h"
#include "error.h"
#include "lower.h"
#include "memory.h"
#include "spi.h"

/* --- Getting --------------------------------------------------------------------- */

static int give(char *value, int *size, const void *from, size_t length)
{
    if (*size < (int)length)
        return WSAEFAULT;
    memcpy(value, from, length);
    *size = (int)length;
    return 0;
}

static int give_int(char *value, int *size, int from)
{
    return give(value, size, &from, sizeof from);
}

/* An error that the core has seen is told once, then what the lower socket knows. */
static int get_error(struct endpoint *endpoint, char *value, int *size)
{
    int code = endpoint->socket_error;
    int length = sizeof code;
    int error;

    if (*size < (int)sizeof code)
        return WSAEFAULT;
    endpoint->socket_error = 0;
    if (!code &&
        lower.lpWSPGetSockOpt(
            endpoint->lower, SOL_SOCKET, SO_ERROR, (char *)&code, &length, &error))
        return error;
    return give_int(value, size, code);
}

static int
get_below(struct endpoint *endpoint, int level, int name, char *value, int *size)
{
    int error;

    return lower.lpWSPGetSockOpt(endpoint->lower, level, name, value, size, &error)
               ? error
               : 0;
}

/* With the lock held. */
static int
get_socket_option(struct endpoint *endpoint, int name, char *value, int *size)
{
    endpoint_settle(endpoint);
    switch (name) {
    case SO_ACCEPTCONN:
        return give_int(value, size, endpoint->state == ENDPOINT_LISTENING);
    case SO_DONTLINGER:
        return give_int(value, size, !endpoint->linger.l_onoff);
    case SO_ERROR:
        return get_error(endpoint, value, size);
    case SO_MAX_MSG_SIZE:
        return endpoint->transport->engine
                   ? give_int(value, size, (int)endpoint->entry->dwMessageSize)
                   : get_below(endpoint, SOL_SOCKET, name, value, size);
    case SO_LINGER:
        return give(value, size, &endpoint->linger, sizeof endpoint->linger);
    case SO_PROTOCOL_INFOW:
        return give(value, size, endpoint->entry, sizeof *endpoint->entry);
    case SO_RCVTIMEO:
        return give_int(value, size, (int)endpoint->receive_limit);
    case SO_SNDTIMEO:
        return give_int(value, size, (int)endpoint->send_limit);
    case SO_TYPE:
        return give_int(value, size, endpoint->entry->iSocketType);
    case SO_PROTOCOL_INFOA:
    case PVD_CONFIG:
        return WSAENOPROTOOPT;
    default:
        return get_below(endpoint, SOL_SOCKET, name, value, size);
    }
}

static bool known_level(int level)
{
    return level == SOL_SOCKET || level == IPPROTO_IP || level == IPPROTO_IPV6 ||
           level == IPPROTO_TCP || level == IPPROTO_UDP;
}

static int
get_option(struct endpoint *endpoint, int level, int name, char *value, int *size)
{
    int error;

    if (!memory_writable(size, sizeof *size) || *size <= 0 ||
        !memory_writable(value, (size_t)*size))
        return WSAEFAULT;
    if (!known_level(level))
        return WSAEINVAL;
    if (level != SOL_SOCKET)
        return get_below(endpoint, level, name, value, size);
    EnterCriticalSection(&endpoint->lock);
    error = get_socket_option(endpoint, name, value, size);
    LeaveCriticalSection(&endpoint->lock);
    return error;
}

int WSPAPI WSPGetSockOpt(
    SOCKET s, int level, int optname, char *optval, LPINT optlen, LPINT lpErrno)
{
    struct endpoint *endpoint;
    int error = endpoint_enter(s, &endpoint);

    if (error)
        return fail(lpErrno, error);
    error = get_option(endpoint, level, optname, optval, optlen);
    endpoint_leave(endpoint);
    return finish(lpErrno, error);
}

/* --- Setting --------------------------------------------------------------------- */

static int
set_below(struct endpoint *endpoint, int level, int name, const char *value, int size)
{
    int error;

    return lower.lpWSPSetSockOpt(endpoint->lower, level, name, value, size, &error)
               ? error
               : 0;
}

/* The lower socket closes in the background unless this endpoint's close is a hard one
 * (socket.c), so lingering is kept here. */
static int set_linger(struct endpoint *endpoint, const char *value, int size)
{
    if (size < (int)sizeof endpoint->linger)
        return WSAEFAULT;
    memcpy(&endpoint->linger, value, sizeof endpoint->linger);
    return 0;
}

/* The integer that most options are. */
static int take_int(const char *value, int size, int *into)
{
    if (size < (int)sizeof *into)
        return WSAEFAULT;
    memcpy(into, value, sizeof *into);
    return 0;
}

static int set_dont_linger(struct endpoint *endpoint, int value)
{
    endpoint->linger.l_onoff = !value; /* a time-out set earlier counts again */
    return 0;
}

/* Accepted and without effect with IPv4, unknown with IPv6. */
static int set_dont_route(const struct endpoint *endpoint)
{
    return endpoint->entry->iAddressFamily == AF_INET6 ? WSAENOPROTOOPT : 0;
}

static int set_own_int(struct endpoint *endpoint, int name, const char *value, int size)
{
    int number;
    int error = take_int(value, size, &number);

    if (error)
        return error;
    switch (name) {
    case SO_DONTLINGER:
        return set_dont_linger(endpoint, number);
    case SO_DONTROUTE:
        return set_dont_route(endpoint);
    case SO_RCVTIMEO:
        endpoint->receive_limit = (DWORD)number;
        return 0;
    default: /* SO_SNDTIMEO */
        endpoint->send_limit = (DWORD)number;
        return 0;
    }
}

/* With the lock held. */
static int
set_socket_option(struct endpoint *endpoint, int name, const char *value, int size)
{
    switch (name) {
    case SO_LINGER:
        return set_linger(endpoint, value, size);
    case SO_DONTLINGER:
    case SO_DONTROUTE:
    case SO_RCVTIMEO:
    case SO_SNDTIMEO:
        return set_own_int(endpoint, name, value, size);
    case SO_UPDATE_ACCEPT_CONTEXT:
    case SO_UPDATE_CONNECT_CONTEXT:
        return 0; /* AcceptEx and ConnectEx leave nothing undone here */
    case SO_ACCEPTCONN:
    case SO_ERROR:
    case SO_TYPE:
    case SO_PROTOCOL_INFOA:
    case SO_PROTOCOL_INFOW:
    case PVD_CONFIG:
        return WSAENOPROTOOPT;
    default:
        return set_below(endpoint, SOL_SOCKET, name, value, size);
    }
}

static int
set_option(struct endpoint *endpoint, int level, int name, const char *value, int size)
{
    int error;

    if (!known_level(level))
        return WSAEINVAL;
    if (size < 0 || !memory_readable(value, (size_t)size))
        return WSAEFAULT;
    if (level != SOL_SOCKET)
        return set_below(endpoint, level, name, value, size);
    EnterCriticalSection(&endpoint->lock);
    error = set_socket_option(endpoint, name, value, size);
    LeaveCriticalSection(&endpoint->lock);
    return error;
}

int WSPAPI WSPSetSockOpt(
    SOCKET s, int level, int optname, const char *optval, int optlen, LPINT lpErrno)
{
    struct endpoint *endpoint;
    int error = endpoint_enter(s, &endpoint);

    if (error)
        return fail(lpErrno, error);
    error = set_option(endpoint, level, optname, optval, optlen);
    endpoint_leave(endpoint);
    return finish(lpErrno, error);
}

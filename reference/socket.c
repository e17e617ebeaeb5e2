/* WSPSocket and WSPCloseSocket. */
#include "socket.h"

#include "catalogue.h"
#include "duplicate.h"
#include "error.h"
#include "fault.h"
#include "lower.h"
#include "memory.h"
#include "overlapped.h"
#include "registry.h"
#include "spi.h"
#include "startup.h"
#include "thread.h"

/* --- Opening --------------------------------------------------------------------- */

/* Whether the client leaves it to the entry; `wildcard` does so too. */
static bool left_open(int value, bool wildcard)
{
    return value == FROM_PROTOCOL_INFO || (wildcard && value == 0);
}

static int
check_choice(const WSAPROTOCOL_INFOW *entry, int family, int type, int protocol)
{
    if (!left_open(family, true) && family != entry->iAddressFamily)
        return WSAEAFNOSUPPORT;
    if (!left_open(type, true) && type != entry->iSocketType)
        return WSAESOCKTNOSUPPORT;
    if (!left_open(protocol, true) && protocol != entry->iProtocol)
        return WSAEPROTONOSUPPORT;
    return 0;
}

/* The entry in use: the client's, or without one the first that fits. */
static const WSAPROTOCOL_INFOW *
choose_entry(const WSAPROTOCOL_INFOW *info, int family, int type, int protocol)
{
    if (info)
        return catalogue_keep(info);
    return catalogue_find(left_open(family, true) ? 0 : family,
                          left_open(type, true) ? 0 : type,
                          left_open(protocol, true) ? 0 : protocol);
}

int socket_publish(const WSAPROTOCOL_INFOW *entry,
                   SOCKET lower_socket,
                   bool overlapped,
                   struct endpoint **endpoint,
                   SOCKET *s)
{
    int error;

    *endpoint = endpoint_create(entry, lower_socket);
    if (!*endpoint)
        return WSAENOBUFS;
    (*endpoint)->overlapped = overlapped;
    error = registry_add(*endpoint, s);
    if (error)
        registry_release(*endpoint);
    return error;
}

static int open_new(const WSAPROTOCOL_INFOW *info,
                    int family,
                    int type,
                    int protocol,
                    DWORD flags,
                    SOCKET *s)
{
    const WSAPROTOCOL_INFOW *entry = choose_entry(info, family, type, protocol);
    struct endpoint *endpoint;
    SOCKET lower_socket;
    int error =
        entry ? check_choice(entry, family, type, protocol) : WSAEPROTONOSUPPORT;

    if (!error)
        error = transport_find(entry)->open(entry, &lower_socket);
    if (!error)
        error = socket_publish(
            entry, lower_socket, flags & WSA_FLAG_OVERLAPPED, &endpoint, s);
    if (!error)
        registry_release(endpoint);
    return error;
}

/* None of the entries is multipoint. */
#define MULTIPOINT_FLAGS \
    (WSA_FLAG_MULTIPOINT_C_ROOT | WSA_FLAG_MULTIPOINT_C_LEAF | \
     WSA_FLAG_MULTIPOINT_D_ROOT | WSA_FLAG_MULTIPOINT_D_LEAF)

SOCKET WSPAPI WSPSocket(int af,
                        int type,
                        int protocol,
                        LPWSAPROTOCOL_INFOW lpProtocolInfo,
                        GROUP g,
                        DWORD dwFlags,
                        LPINT lpErrno)
{
    SOCKET s = INVALID_SOCKET;
    int error;

    (void)g; /* reserved */
    if (!startup_done())
        return fail_socket(lpErrno, WSANOTINITIALISED);
    if (thread_in_callback())
        return fail_socket(lpErrno, WSAEINPROGRESS);
    if (network_is_down())
        return fail_socket(lpErrno, WSAENETDOWN);
    if (lpProtocolInfo && !memory_readable(lpProtocolInfo, sizeof *lpProtocolInfo))
        return fail_socket(lpErrno, WSAEINVAL);
    if (dwFlags & MULTIPOINT_FLAGS)
        return fail_socket(lpErrno, WSAEINVAL);
    if (lpProtocolInfo && duplicate_is_one(lpProtocolInfo))
        error = duplicate_open(lpProtocolInfo, dwFlags, &s);
    else
        error = open_new(lpProtocolInfo, af, type, protocol, dwFlags, &s);
    return error ? fail_socket(lpErrno, error) : s;
}

/* --- Closing --------------------------------------------------------------------- */

/* How long a close waits for calls on other threads to have ended, so that its effects
 * are there when it returns. It is a matter of microseconds unless such a thread is in
 * a function of the client, which may take any time, and may even wait for this one. */
#define CLOSE_LIMIT_MS 1000

/* Calls in progress on other threads end; the lower socket goes with the last
 * reference, which is normally this thread's. At the provider's end, which tells
 * nobody, there is no limit. */
static void close_endpoint(struct endpoint *endpoint, bool tell)
{
    struct thread *thread = thread_self();
    struct queue ended = {NULL, NULL};

    EnterCriticalSection(&endpoint->lock);
    endpoint->closing = true;
    endpoint->registration.mask = 0;
    overlapped_end_all(endpoint, WSA_OPERATION_ABORTED, &ended);
    endpoint_end_waits(endpoint, ~0l, WSAEINTR);
    if (endpoint->linger.l_onoff && endpoint->linger.l_linger == 0)
        lower_set_hard_close(endpoint->lower);
    LeaveCriticalSection(&endpoint->lock);
    if (tell)
        overlapped_finish(&ended);
    else
        overlapped_drop(&ended);
    if (thread)
        registry_drain(endpoint, thread->done, tell ? CLOSE_LIMIT_MS : INFINITE);
    if (endpoint->transport->engine) {
        EnterCriticalSection(&endpoint->lock);
        endpoint->transport->engine->close(
            endpoint, endpoint->linger.l_onoff && endpoint->linger.l_linger == 0);
        LeaveCriticalSection(&endpoint->lock);
    }
}

int socket_close(SOCKET s, bool tell)
{
    struct endpoint *endpoint;
    bool last;
    int error = registry_remove(s, &endpoint, &last);

    if (error)
        return error;
    if (last)
        close_endpoint(endpoint, tell);
    registry_give_back(s);
    registry_release(endpoint);
    return 0;
}

void socket_unhold(struct endpoint *endpoint)
{
    if (registry_unhold(endpoint))
        close_endpoint(endpoint, true);
    registry_release(endpoint);
}

int WSPAPI WSPCloseSocket(SOCKET s, LPINT lpErrno)
{
    struct endpoint *endpoint;
    int error = endpoint_enter(s, &endpoint);

    if (error)
        return fail(lpErrno, error);
    endpoint_leave(endpoint);
    return finish(lpErrno, socket_close(s, true));
}

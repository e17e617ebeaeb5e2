/* WSPDuplicateSocket. Within this process a second descriptor names the same endpoint.
 * For another process the lower layer duplicates its socket, and the structure carries
 * what the lower layer needs there. */
#include "duplicate.h"

#include "catalogue.h"
#include "error.h"
#include "lower.h"
#include "memory.h"
#include "registry.h"
#include "socket.h"
#include "spi.h"

/* A structure for this process: dwServiceFlags3 and 4 hold the mark and the ticket. */
#define OWN_MARK 0x77737072

struct ticket {
    struct ticket *next;
    struct endpoint *endpoint; /* held */
    DWORD number;
};

static CRITICAL_SECTION lock;
static struct ticket *tickets;
static DWORD last_number;

void duplicate_initialize(void)
{
    InitializeCriticalSection(&lock);
}

void duplicate_delete(void)
{
    DeleteCriticalSection(&lock);
}

bool duplicate_is_one(const WSAPROTOCOL_INFOW *info)
{
    return info->dwProviderReserved || info->dwServiceFlags3 || info->dwServiceFlags4;
}

/* --- Within the process ---------------------------------------------------------- */

static int issue_ticket(struct endpoint *endpoint, WSAPROTOCOL_INFOW *info)
{
    struct ticket *ticket = memory_allocate(sizeof *ticket);

    if (!ticket)
        return WSAENOBUFS;
    registry_hold(endpoint);
    ticket->endpoint = endpoint;
    EnterCriticalSection(&lock);
    ticket->number = ++last_number;
    ticket->next = tickets;
    tickets = ticket;
    LeaveCriticalSection(&lock);
    *info = *endpoint->entry;
    info->dwServiceFlags3 = OWN_MARK;
    info->dwServiceFlags4 = ticket->number;
    return 0;
}

/* The endpoint of a ticket, which is used up; NULL if it was before. */
static struct endpoint *redeem(DWORD number)
{
    struct endpoint *endpoint = NULL;
    struct ticket **at = &tickets;
    struct ticket *ticket;

    EnterCriticalSection(&lock);
    while (*at && (*at)->number != number)
        at = &(*at)->next;
    ticket = *at;
    if (ticket)
        *at = ticket->next;
    LeaveCriticalSection(&lock);
    if (ticket)
        endpoint = ticket->endpoint;
    memory_free(ticket);
    return endpoint;
}

void duplicate_clear(void)
{
    while (tickets)
        socket_unhold(redeem(tickets->number));
}

static int open_own(DWORD number, SOCKET *s)
{
    struct endpoint *endpoint = redeem(number);
    int error;

    if (!endpoint)
        return WSAEINVAL;
    error = registry_add(endpoint, s);
    socket_unhold(endpoint);
    return error;
}

/* --- Across processes ------------------------------------------------------------ */

/* The lower layer's structure under the identity of our entry. */
static int
duplicate_below(struct endpoint *endpoint, DWORD process, WSAPROTOCOL_INFOW *info)
{
    WSAPROTOCOL_INFOW below = {0};
    int error;

    if (lower.lpWSPDuplicateSocket(endpoint->lower, process, &below, &error))
        return error;
    *info = *endpoint->entry;
    info->dwServiceFlags2 = below.dwServiceFlags2;
    info->dwServiceFlags3 = below.dwServiceFlags3;
    info->dwServiceFlags4 = below.dwServiceFlags4;
    info->dwProviderReserved = below.dwProviderReserved;
    return 0;
}

static enum endpoint_state state_below(SOCKET lower_socket)
{
    struct sockaddr_storage name;
    int length = sizeof name;
    int listening = 0;
    int size = sizeof listening;
    int error;

    if (lower.lpWSPGetPeerName(
            lower_socket, (struct sockaddr *)&name, &length, &error) == 0)
        return ENDPOINT_CONNECTED;
    lower.lpWSPGetSockOpt(
        lower_socket, SOL_SOCKET, SO_ACCEPTCONN, (char *)&listening, &size, &error);
    return listening ? ENDPOINT_LISTENING : ENDPOINT_OPEN;
}

static int open_foreign(const WSAPROTOCOL_INFOW *info, DWORD flags, SOCKET *s)
{
    const WSAPROTOCOL_INFOW *entry = catalogue_keep(info);
    WSAPROTOCOL_INFOW below = *info;
    struct endpoint *endpoint;
    SOCKET lower_socket;
    int error;

    if (!entry)
        return WSAEPROTONOSUPPORT;
    below.dwServiceFlags1 |= XP1_IFS_HANDLES;
    lower_socket = lower.lpWSPSocket(FROM_PROTOCOL_INFO,
                                     FROM_PROTOCOL_INFO,
                                     FROM_PROTOCOL_INFO,
                                     &below,
                                     0,
                                     WSA_FLAG_OVERLAPPED,
                                     &error);
    if (lower_socket == INVALID_SOCKET)
        return error;
    lower_set_nonblocking(lower_socket);
    error =
        socket_publish(entry, lower_socket, flags & WSA_FLAG_OVERLAPPED, &endpoint, s);
    if (error)
        return error;
    EnterCriticalSection(&endpoint->lock);
    endpoint->state = state_below(lower_socket);
    LeaveCriticalSection(&endpoint->lock);
    registry_release(endpoint);
    return 0;
}

int duplicate_open(const WSAPROTOCOL_INFOW *info, DWORD flags, SOCKET *s)
{
    if (info->dwServiceFlags3 == OWN_MARK)
        return open_own(info->dwServiceFlags4, s);
    return open_foreign(info, flags, s);
}

int WSPAPI WSPDuplicateSocket(SOCKET s,
                              DWORD dwProcessId,
                              LPWSAPROTOCOL_INFOW lpProtocolInfo,
                              LPINT lpErrno)
{
    struct endpoint *endpoint;
    int error = endpoint_enter(s, &endpoint);

    if (error)
        return fail(lpErrno, error);
    if (!memory_writable(lpProtocolInfo, sizeof *lpProtocolInfo))
        error = WSAEINVAL;
    else if (dwProcessId == GetCurrentProcessId())
        error = issue_ticket(endpoint, lpProtocolInfo);
    else if (endpoint->transport->engine)
        error = WSAEINVAL; /* the protocol's state stays in this process */
    else
        error = duplicate_below(endpoint, dwProcessId, lpProtocolInfo);
    endpoint_leave(endpoint);
    return finish(lpErrno, error);
}

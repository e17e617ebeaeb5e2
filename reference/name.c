/* Addresses: WSPBind, WSPGetSockName, WSPGetPeerName, and addresses as strings. */
#include "catalogue.h"
#include "endpoint.h"
#include "error.h"
#include "isotp.h"
#include "lower.h"
#include "memory.h"
#include "spi.h"
#include "startup.h"
#include "thread.h"

int WSPAPI WSPBind(SOCKET s, const struct sockaddr *name, int namelen, LPINT lpErrno)
{
    struct endpoint *endpoint;
    int error = endpoint_enter(s, &endpoint);

    if (error)
        return fail(lpErrno, error);
    error = endpoint->transport->check_name(endpoint, name, namelen, WSAEFAULT);
    if (!error)
        error = endpoint->transport->bind(endpoint, name, namelen);
    endpoint_leave(endpoint);
    return finish(lpErrno, error);
}

static int check_buffer(const struct endpoint *endpoint,
                        const struct sockaddr *name,
                        const int *length)
{
    if (!memory_writable(length, sizeof *length) ||
        *length < endpoint->transport->name_length(endpoint) ||
        !memory_writable(name, (size_t)*length))
        return WSAEFAULT;
    return 0;
}

int WSPAPI WSPGetSockName(SOCKET s, struct sockaddr *name, LPINT namelen, LPINT lpErrno)
{
    struct endpoint *endpoint;
    int error = endpoint_enter(s, &endpoint);

    if (error)
        return fail(lpErrno, error);
    error = check_buffer(endpoint, name, namelen);
    if (!error)
        error = endpoint->transport->local_name(endpoint, name, namelen);
    endpoint_leave(endpoint);
    return finish(lpErrno, error);
}

static int peer_name(struct endpoint *endpoint, struct sockaddr *name, int *length)
{
    bool connected;

    EnterCriticalSection(&endpoint->lock);
    endpoint_settle(endpoint);
    connected = endpoint->state == ENDPOINT_CONNECTED;
    LeaveCriticalSection(&endpoint->lock);
    if (!connected)
        return WSAENOTCONN;
    return endpoint->transport->peer_name(endpoint, name, length);
}

int WSPAPI WSPGetPeerName(SOCKET s, struct sockaddr *name, LPINT namelen, LPINT lpErrno)
{
    struct endpoint *endpoint;
    int error = endpoint_enter(s, &endpoint);

    if (error)
        return fail(lpErrno, error);
    error = check_buffer(endpoint, name, namelen);
    if (!error)
        error = peer_name(endpoint, name, namelen);
    endpoint_leave(endpoint);
    return finish(lpErrno, error);
}

/* --- Strings --------------------------------------------------------------------- */

/* An entry that is not ours is refused; without one the family decides. */
static int check_entry(const WSAPROTOCOL_INFOW *info, int family)
{
    if (!startup_done())
        return WSANOTINITIALISED;
    if (thread_in_callback())
        return WSAEINPROGRESS;
    if (family != AF_INET && family != AF_INET6 && family != AF_ISO)
        return WSAEINVAL;
    if (info && (!memory_readable(info, sizeof *info) || !transport_find(info) ||
                 info->iAddressFamily != family))
        return WSAEINVAL;
    return 0;
}

INT WSPAPI WSPAddressToString(LPSOCKADDR lpsaAddress,
                              DWORD dwAddressLength,
                              LPWSAPROTOCOL_INFOW lpProtocolInfo,
                              LPWSTR lpszAddressString,
                              LPDWORD lpdwAddressStringLength,
                              LPINT lpErrno)
{
    WSAPROTOCOL_INFOW info;
    int error;

    if (dwAddressLength < sizeof lpsaAddress->sa_family ||
        !memory_readable(lpsaAddress, dwAddressLength))
        return fail(lpErrno, WSAEINVAL);
    error = check_entry(lpProtocolInfo, lpsaAddress->sa_family);
    if (error)
        return fail(lpErrno, error);
    if (!memory_writable(lpdwAddressStringLength, sizeof *lpdwAddressStringLength))
        return fail(lpErrno, WSAEFAULT);
    if (lpsaAddress->sa_family == AF_ISO)
        return finish(lpErrno,
                      isotp_to_string(lpsaAddress,
                                      dwAddressLength,
                                      lpszAddressString,
                                      lpdwAddressStringLength));
    if (lpProtocolInfo)
        info = lower_entry(lpProtocolInfo);
    if (lower.lpWSPAddressToString(lpsaAddress,
                                   dwAddressLength,
                                   lpProtocolInfo ? &info : NULL,
                                   lpszAddressString,
                                   lpdwAddressStringLength,
                                   &error))
        return fail(lpErrno, error);
    return 0;
}

INT WSPAPI WSPStringToAddress(LPWSTR AddressString,
                              INT AddressFamily,
                              LPWSAPROTOCOL_INFOW lpProtocolInfo,
                              LPSOCKADDR lpAddress,
                              LPINT lpAddressLength,
                              LPINT lpErrno)
{
    WSAPROTOCOL_INFOW info;
    int error = check_entry(lpProtocolInfo, AddressFamily);

    if (error)
        return fail(lpErrno, error);
    if (!memory_readable(AddressString, sizeof *AddressString))
        return fail(lpErrno, WSAEINVAL);
    if (!memory_writable(lpAddressLength, sizeof *lpAddressLength))
        return fail(lpErrno, WSAEFAULT);
    if (AddressFamily == AF_ISO)
        return finish(lpErrno,
                      isotp_from_string(AddressString, lpAddress, lpAddressLength));
    if (lpProtocolInfo)
        info = lower_entry(lpProtocolInfo);
    if (lower.lpWSPStringToAddress(AddressString,
                                   AddressFamily,
                                   lpProtocolInfo ? &info : NULL,
                                   lpAddress,
                                   lpAddressLength,
                                   &error))
        return fail(lpErrno, error);
    return 0;
}

/* WSPJoinLeaf and WSPGetQOSByName: what none of the protocols has, multipoint sessions
 * and quality of service. */
#include "endpoint.h"
#include "error.h"
#include "memory.h"
#include "spi.h"

SOCKET WSPAPI WSPJoinLeaf(SOCKET s,
                          const struct sockaddr *name,
                          int namelen,
                          LPWSABUF lpCallerData,
                          LPWSABUF lpCalleeData,
                          LPQOS lpSQOS,
                          LPQOS lpGQOS,
                          DWORD dwFlags,
                          LPINT lpErrno)
{
    struct endpoint *endpoint;
    int error = endpoint_enter(s, &endpoint);

    (void)lpCallerData;
    (void)lpCalleeData;
    (void)lpSQOS;
    (void)lpGQOS;
    (void)dwFlags;
    if (error)
        return fail_socket(lpErrno, error);
    error = endpoint->transport->check_name(endpoint, name, namelen, WSAEAFNOSUPPORT);
    endpoint_leave(endpoint);
    return fail_socket(lpErrno, error ? error : WSAEOPNOTSUPP);
}

BOOL WSPAPI WSPGetQOSByName(SOCKET s, LPWSABUF lpQOSName, LPQOS lpQOS, LPINT lpErrno)
{
    struct endpoint *endpoint;
    int error = endpoint_enter(s, &endpoint);

    (void)lpQOSName;
    if (error)
        return fail_bool(lpErrno, error);
    endpoint_leave(endpoint);
    if (!memory_writable(lpQOS, sizeof *lpQOS))
        return fail_bool(lpErrno, WSAEFAULT);
    return fail_bool(lpErrno, WSAEINVAL); /* there is no template of any name */
}

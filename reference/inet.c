#include "inet.h"

#include "endpoint.h"
#include "lower.h"
#include "memory.h"

int inet_name_length(const struct endpoint *endpoint)
{
    return endpoint->entry->iAddressFamily == AF_INET6 ? sizeof(struct sockaddr_in6)
                                                       : sizeof(struct sockaddr_in);
}

int inet_check_name(const struct endpoint *endpoint,
                    const struct sockaddr *name,
                    int length,
                    int wrong_family)
{
    if (length < (int)sizeof name->sa_family || !memory_readable(name, (size_t)length))
        return WSAEFAULT;
    if (name->sa_family != endpoint->entry->iAddressFamily)
        return wrong_family;
    return length < inet_name_length(endpoint) ? WSAEFAULT : 0;
}

bool inet_is_null_name(const struct sockaddr *name)
{
    const struct sockaddr_in6 *name6 = (const struct sockaddr_in6 *)name;

    if (name->sa_family == AF_INET6)
        return IN6_IS_ADDR_UNSPECIFIED(&name6->sin6_addr);
    return ((const struct sockaddr_in *)name)->sin_addr.s_addr == INADDR_ANY;
}

bool inet_same_name(const struct sockaddr *a, const struct sockaddr *b)
{
    const struct sockaddr_in *a4 = (const struct sockaddr_in *)a;
    const struct sockaddr_in *b4 = (const struct sockaddr_in *)b;
    const struct sockaddr_in6 *a6 = (const struct sockaddr_in6 *)a;
    const struct sockaddr_in6 *b6 = (const struct sockaddr_in6 *)b;

    if (a4->sin_port != b4->sin_port) /* at the same place in both families */
        return false;
    if (a->sa_family == AF_INET)
        return a4->sin_addr.s_addr == b4->sin_addr.s_addr;
    return memcmp(&a6->sin6_addr, &b6->sin6_addr, sizeof a6->sin6_addr) == 0 &&
           a6->sin6_scope_id == b6->sin6_scope_id;
}

int inet_open(const WSAPROTOCOL_INFOW *entry, SOCKET *s)
{
    WSAPROTOCOL_INFOW info = lower_entry(entry);
    int error = 0;

    *s = lower.lpWSPSocket(entry->iAddressFamily,
                           entry->iSocketType,
                           entry->iProtocol,
                           &info,
                           0,
                           WSA_FLAG_OVERLAPPED,
                           &error);
    if (*s == INVALID_SOCKET)
        return error;
    error = lower_set_nonblocking(*s);
    if (error)
        lower_close(*s);
    return error;
}

int inet_local_name(struct endpoint *endpoint, struct sockaddr *name, int *length)
{
    int error;

    return lower.lpWSPGetSockName(endpoint->lower, name, length, &error) ? error : 0;
}

int inet_peer_name(struct endpoint *endpoint, struct sockaddr *name, int *length)
{
    int error;

    return lower.lpWSPGetPeerName(endpoint->lower, name, length, &error) ? error : 0;
}

int inet_bind(struct endpoint *endpoint, const struct sockaddr *name, int length)
{
    int error;

    return lower.lpWSPBind(endpoint->lower, name, length, &error) ? error : 0;
}

int inet_connect(struct endpoint *endpoint, const struct sockaddr *name, int length)
{
    int error;

    return lower.lpWSPConnect(
               endpoint->lower, name, length, NULL, NULL, NULL, NULL, &error)
               ? error
               : 0;
}

/* The code of a failed attempt, which the lower layer keeps as the socket's error. */
static int take_error(const struct endpoint *endpoint)
{
    int code = 0;
    int size = sizeof code;
    int error;

    lower.lpWSPGetSockOpt(
        endpoint->lower, SOL_SOCKET, SO_ERROR, (char *)&code, &size, &error);
    return code ? code : WSAECONNREFUSED;
}

int inet_connect_outcome(struct endpoint *endpoint)
{
    long held = lower_poll(endpoint->lower, FD_WRITE | FD_OOB);

    if (held & FD_OOB)
        return take_error(endpoint);
    return held & FD_WRITE ? 0 : WSAEWOULDBLOCK;
}

int inet_send(struct endpoint *endpoint, struct transfer *transfer, WSAOVERLAPPED *done)
{
    int error = 0;
    int result;

    if (transfer->to)
        result = lower.lpWSPSendTo(endpoint->lower,
                                   transfer->buffers,
                                   transfer->count,
                                   &transfer->bytes,
                                   transfer->flags,
                                   transfer->to,
                                   transfer->to_length,
                                   done,
                                   NULL,
                                   NULL,
                                   &error);
    else
        result = lower.lpWSPSend(endpoint->lower,
                                 transfer->buffers,
                                 transfer->count,
                                 &transfer->bytes,
                                 transfer->flags,
                                 done,
                                 NULL,
                                 NULL,
                                 &error);
    return result ? error : 0;
}

int inet_receive(struct endpoint *endpoint,
                 struct transfer *transfer,
                 WSAOVERLAPPED *done)
{
    int error = 0;
    int result;

    if (transfer->from)
        result = lower.lpWSPRecvFrom(endpoint->lower,
                                     transfer->buffers,
                                     transfer->count,
                                     &transfer->bytes,
                                     &transfer->flags,
                                     transfer->from,
                                     transfer->from_length,
                                     done,
                                     NULL,
                                     NULL,
                                     &error);
    else
        result = lower.lpWSPRecv(endpoint->lower,
                                 transfer->buffers,
                                 transfer->count,
                                 &transfer->bytes,
                                 &transfer->flags,
                                 done,
                                 NULL,
                                 NULL,
                                 &error);
    return result ? error : 0;
}

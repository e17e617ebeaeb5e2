/* ws2_32 in the form of a provider's table: one call, and the error on failure. */
#include "bench.h"

static int result_of(int result, int *error)
{
    if (result == SOCKET_ERROR)
        *error = WSAGetLastError();
    return result;
}

static SOCKET socket_of(SOCKET s, int *error)
{
    if (s == INVALID_SOCKET)
        *error = WSAGetLastError();
    return s;
}

static SOCKET WSPAPI bare_socket(int af,
                                 int type,
                                 int protocol,
                                 LPWSAPROTOCOL_INFOW lpProtocolInfo,
                                 GROUP g,
                                 DWORD dwFlags,
                                 LPINT lpErrno)
{
    (void)lpProtocolInfo;
    return socket_of(WSASocketW(af, type, protocol, NULL, g, dwFlags), lpErrno);
}

static SOCKET WSPAPI bare_accept(SOCKET s,
                                 struct sockaddr *addr,
                                 LPINT addrlen,
                                 LPCONDITIONPROC lpfnCondition,
                                 DWORD_PTR dwCallbackData,
                                 LPINT lpErrno)
{
    return socket_of(WSAAccept(s, addr, addrlen, lpfnCondition, dwCallbackData),
                     lpErrno);
}

static int WSPAPI bare_bind(SOCKET s,
                            const struct sockaddr *name,
                            int namelen,
                            LPINT lpErrno)
{
    return result_of(bind(s, name, namelen), lpErrno);
}

static int WSPAPI bare_listen(SOCKET s, int backlog, LPINT lpErrno)
{
    return result_of(listen(s, backlog), lpErrno);
}

static int WSPAPI bare_connect(SOCKET s,
                               const struct sockaddr *name,
                               int namelen,
                               LPWSABUF lpCallerData,
                               LPWSABUF lpCalleeData,
                               LPQOS lpSQOS,
                               LPQOS lpGQOS,
                               LPINT lpErrno)
{
    return result_of(
        WSAConnect(s, name, namelen, lpCallerData, lpCalleeData, lpSQOS, lpGQOS),
        lpErrno);
}

static int WSPAPI bare_get_sock_name(SOCKET s,
                                     struct sockaddr *name,
                                     LPINT namelen,
                                     LPINT lpErrno)
{
    return result_of(getsockname(s, name, namelen), lpErrno);
}

static int WSPAPI bare_send(SOCKET s,
                            LPWSABUF lpBuffers,
                            DWORD dwBufferCount,
                            LPDWORD lpNumberOfBytesSent,
                            DWORD dwFlags,
                            LPWSAOVERLAPPED lpOverlapped,
                            LPWSAOVERLAPPED_COMPLETION_ROUTINE lpCompletionRoutine,
                            LPWSATHREADID lpThreadId,
                            LPINT lpErrno)
{
    (void)lpThreadId;
    return result_of(WSASend(s,
                             lpBuffers,
                             dwBufferCount,
                             lpNumberOfBytesSent,
                             dwFlags,
                             lpOverlapped,
                             lpCompletionRoutine),
                     lpErrno);
}

static int WSPAPI bare_recv(SOCKET s,
                            LPWSABUF lpBuffers,
                            DWORD dwBufferCount,
                            LPDWORD lpNumberOfBytesRecvd,
                            LPDWORD lpFlags,
                            LPWSAOVERLAPPED lpOverlapped,
                            LPWSAOVERLAPPED_COMPLETION_ROUTINE lpCompletionRoutine,
                            LPWSATHREADID lpThreadId,
                            LPINT lpErrno)
{
    (void)lpThreadId;
    return result_of(WSARecv(s,
                             lpBuffers,
                             dwBufferCount,
                             lpNumberOfBytesRecvd,
                             lpFlags,
                             lpOverlapped,
                             lpCompletionRoutine),
                     lpErrno);
}

static int WSPAPI bare_recv_disconnect(SOCKET s,
                                       LPWSABUF lpInboundDisconnectData,
                                       LPINT lpErrno)
{
    return result_of(WSARecvDisconnect(s, lpInboundDisconnectData), lpErrno);
}

static int WSPAPI bare_shutdown(SOCKET s, int how, LPINT lpErrno)
{
    return result_of(shutdown(s, how), lpErrno);
}

static int WSPAPI bare_event_select(SOCKET s,
                                    WSAEVENT hEventObject,
                                    __LONG32 lNetworkEvents,
                                    LPINT lpErrno)
{
    return result_of(WSAEventSelect(s, hEventObject, lNetworkEvents), lpErrno);
}

static int WSPAPI bare_enum_network_events(SOCKET s,
                                           WSAEVENT hEventObject,
                                           LPWSANETWORKEVENTS lpNetworkEvents,
                                           LPINT lpErrno)
{
    return result_of(WSAEnumNetworkEvents(s, hEventObject, lpNetworkEvents), lpErrno);
}

static int WSPAPI bare_close_socket(SOCKET s, LPINT lpErrno)
{
    return result_of(closesocket(s), lpErrno);
}

static int WSPAPI bare_cleanup(LPINT lpErrno)
{
    return result_of(WSACleanup(), lpErrno);
}

void bare_fill(WSPPROC_TABLE *table)
{
    *table = (WSPPROC_TABLE){
        .lpWSPAccept = bare_accept,
        .lpWSPBind = bare_bind,
        .lpWSPCleanup = bare_cleanup,
        .lpWSPCloseSocket = bare_close_socket,
        .lpWSPConnect = bare_connect,
        .lpWSPEnumNetworkEvents = bare_enum_network_events,
        .lpWSPEventSelect = bare_event_select,
        .lpWSPGetSockName = bare_get_sock_name,
        .lpWSPListen = bare_listen,
        .lpWSPRecv = bare_recv,
        .lpWSPRecvDisconnect = bare_recv_disconnect,
        .lpWSPSend = bare_send,
        .lpWSPShutdown = bare_shutdown,
        .lpWSPSocket = bare_socket,
    };
}

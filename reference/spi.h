/* The 30 functions of WSPPROC_TABLE, as ws2spi.h types them. proc_table.c assigns them
 * to its members, so the compiler proves that they agree. */
#ifndef WSPREF_SPI_H
#define WSPREF_SPI_H

#include "win.h"

SOCKET WSPAPI WSPAccept(SOCKET s,
                        struct sockaddr *addr,
                        LPINT addrlen,
                        LPCONDITIONPROC lpfnCondition,
                        DWORD_PTR dwCallbackData,
                        LPINT lpErrno);
INT WSPAPI WSPAddressToString(LPSOCKADDR lpsaAddress,
                              DWORD dwAddressLength,
                              LPWSAPROTOCOL_INFOW lpProtocolInfo,
                              LPWSTR lpszAddressString,
                              LPDWORD lpdwAddressStringLength,
                              LPINT lpErrno);
int WSPAPI
WSPAsyncSelect(SOCKET s, HWND hWnd, unsigned int wMsg, __LONG32 lEvent, LPINT lpErrno);
int WSPAPI WSPBind(SOCKET s, const struct sockaddr *name, int namelen, LPINT lpErrno);
int WSPAPI WSPCancelBlockingCall(LPINT lpErrno);
int WSPAPI WSPCleanup(LPINT lpErrno);
int WSPAPI WSPCloseSocket(SOCKET s, LPINT lpErrno);
int WSPAPI WSPConnect(SOCKET s,
                      const struct sockaddr *name,
                      int namelen,
                      LPWSABUF lpCallerData,
                      LPWSABUF lpCalleeData,
                      LPQOS lpSQOS,
                      LPQOS lpGQOS,
                      LPINT lpErrno);
int WSPAPI WSPDuplicateSocket(SOCKET s,
                              DWORD dwProcessId,
                              LPWSAPROTOCOL_INFOW lpProtocolInfo,
                              LPINT lpErrno);
int WSPAPI WSPEnumNetworkEvents(SOCKET s,
                                WSAEVENT hEventObject,
                                LPWSANETWORKEVENTS lpNetworkEvents,
                                LPINT lpErrno);
int WSPAPI WSPEventSelect(SOCKET s,
                          WSAEVENT hEventObject,
                          __LONG32 lNetworkEvents,
                          LPINT lpErrno);
BOOL WSPAPI WSPGetOverlappedResult(SOCKET s,
                                   LPWSAOVERLAPPED lpOverlapped,
                                   LPDWORD lpcbTransfer,
                                   BOOL fWait,
                                   LPDWORD lpdwFlags,
                                   LPINT lpErrno);
int WSPAPI WSPGetPeerName(SOCKET s,
                          struct sockaddr *name,
                          LPINT namelen,
                          LPINT lpErrno);
BOOL WSPAPI WSPGetQOSByName(SOCKET s, LPWSABUF lpQOSName, LPQOS lpQOS, LPINT lpErrno);
int WSPAPI WSPGetSockName(SOCKET s,
                          struct sockaddr *name,
                          LPINT namelen,
                          LPINT lpErrno);
int WSPAPI WSPGetSockOpt(
    SOCKET s, int level, int optname, char *optval, LPINT optlen, LPINT lpErrno);
int WSPAPI WSPIoctl(SOCKET s,
                    DWORD dwIoControlCode,
                    LPVOID lpvInBuffer,
                    DWORD cbInBuffer,
                    LPVOID lpvOutBuffer,
                    DWORD cbOutBuffer,
                    LPDWORD lpcbBytesReturned,
                    LPWSAOVERLAPPED lpOverlapped,
                    LPWSAOVERLAPPED_COMPLETION_ROUTINE lpCompletionRoutine,
                    LPWSATHREADID lpThreadId,
                    LPINT lpErrno);
SOCKET WSPAPI WSPJoinLeaf(SOCKET s,
                          const struct sockaddr *name,
                          int namelen,
                          LPWSABUF lpCallerData,
                          LPWSABUF lpCalleeData,
                          LPQOS lpSQOS,
                          LPQOS lpGQOS,
                          DWORD dwFlags,
                          LPINT lpErrno);
int WSPAPI WSPListen(SOCKET s, int backlog, LPINT lpErrno);
int WSPAPI WSPRecv(SOCKET s,
                   LPWSABUF lpBuffers,
                   DWORD dwBufferCount,
                   LPDWORD lpNumberOfBytesRecvd,
                   LPDWORD lpFlags,
                   LPWSAOVERLAPPED lpOverlapped,
                   LPWSAOVERLAPPED_COMPLETION_ROUTINE lpCompletionRoutine,
                   LPWSATHREADID lpThreadId,
                   LPINT lpErrno);
int WSPAPI WSPRecvDisconnect(SOCKET s, LPWSABUF lpInboundDisconnectData, LPINT lpErrno);
int WSPAPI WSPRecvFrom(SOCKET s,
                       LPWSABUF lpBuffers,
                       DWORD dwBufferCount,
                       LPDWORD lpNumberOfBytesRecvd,
                       LPDWORD lpFlags,
                       struct sockaddr *lpFrom,
                       LPINT lpFromlen,
                       LPWSAOVERLAPPED lpOverlapped,
                       LPWSAOVERLAPPED_COMPLETION_ROUTINE lpCompletionRoutine,
                       LPWSATHREADID lpThreadId,
                       LPINT lpErrno);
int WSPAPI WSPSelect(int nfds,
                     fd_set *readfds,
                     fd_set *writefds,
                     fd_set *exceptfds,
                     const PTIMEVAL timeout,
                     LPINT lpErrno);
int WSPAPI WSPSend(SOCKET s,
                   LPWSABUF lpBuffers,
                   DWORD dwBufferCount,
                   LPDWORD lpNumberOfBytesSent,
                   DWORD dwFlags,
                   LPWSAOVERLAPPED lpOverlapped,
                   LPWSAOVERLAPPED_COMPLETION_ROUTINE lpCompletionRoutine,
                   LPWSATHREADID lpThreadId,
                   LPINT lpErrno);
int WSPAPI WSPSendDisconnect(SOCKET s,
                             LPWSABUF lpOutboundDisconnectData,
                             LPINT lpErrno);
int WSPAPI WSPSendTo(SOCKET s,
                     LPWSABUF lpBuffers,
                     DWORD dwBufferCount,
                     LPDWORD lpNumberOfBytesSent,
                     DWORD dwFlags,
                     const struct sockaddr *lpTo,
                     int iTolen,
                     LPWSAOVERLAPPED lpOverlapped,
                     LPWSAOVERLAPPED_COMPLETION_ROUTINE lpCompletionRoutine,
                     LPWSATHREADID lpThreadId,
                     LPINT lpErrno);
int WSPAPI WSPSetSockOpt(
    SOCKET s, int level, int optname, const char *optval, int optlen, LPINT lpErrno);
int WSPAPI WSPShutdown(SOCKET s, int how, LPINT lpErrno);
SOCKET WSPAPI WSPSocket(int af,
                        int type,
                        int protocol,
                        LPWSAPROTOCOL_INFOW lpProtocolInfo,
                        GROUP g,
                        DWORD dwFlags,
                        LPINT lpErrno);
INT WSPAPI WSPStringToAddress(LPWSTR AddressString,
                              INT AddressFamily,
                              LPWSAPROTOCOL_INFOW lpProtocolInfo,
                              LPSOCKADDR lpAddress,
                              LPINT lpAddressLength,
                              LPINT lpErrno);

#endif

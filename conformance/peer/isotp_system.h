/* What differs between Winsock and the sockets of other systems. For isotp_socket.c
 * only.
 */
#ifndef WSPCHECK_ISOTP_SYSTEM_H
#define WSPCHECK_ISOTP_SYSTEM_H

#include <stdbool.h>
#include <stdint.h>

#ifdef _WIN32

#include "../harness/win.h"

typedef int system_length;

enum { SYSTEM_SEND_FLAGS = 0, SYSTEM_SHUT_SENDING = SD_SEND };

static inline bool system_start(void)
{
    WSADATA data;

    return WSAStartup(MAKEWORD(2, 2), &data) == 0;
}

static inline void system_stop(void)
{
    WSACleanup();
}

static inline uint64_t system_now_ms(void)
{
    return GetTickCount64();
}

static inline int system_error(void)
{
    return WSAGetLastError();
}

static inline bool system_is_pending(int error)
{
    return error == WSAEWOULDBLOCK;
}

static inline bool system_is_reset(int error)
{
    return error == WSAECONNRESET || error == WSAECONNABORTED || error == WSAENOTCONN;
}

static inline bool system_is_refused(int error)
{
    return error == WSAECONNREFUSED;
}

static inline bool system_set_nonblocking(SOCKET s)
{
    u_long on = 1;

    return ioctlsocket(s, FIONBIO, &on) == 0;
}

static inline void system_close(SOCKET s)
{
    closesocket(s);
}

/* 1: ready, or failed, which the next call on it tells; 0: not within `ms`; -1: error.
 * WSAPoll is not used: before Windows 10 version 2004 it never reports a connection
 * attempt that failed. */
static inline int system_wait(SOCKET s, bool for_sending, unsigned ms)
{
    struct timeval timeout = {(long)(ms / 1000), (long)(ms % 1000 * 1000)};
    fd_set ready, failed;

    FD_ZERO(&ready);
    FD_ZERO(&failed);
    FD_SET(s, &ready);
    FD_SET(s, &failed);
    return select(0,
                  for_sending ? NULL : &ready,
                  for_sending ? &ready : NULL,
                  for_sending ? &failed : NULL,
                  &timeout) < 0
               ? -1
               : FD_ISSET(s, &ready) || (for_sending && FD_ISSET(s, &failed));
}

/* Whether what recv() presented as the end was a reset. So it is in Wine 8.0 (tried),
 * where the server has used up the error by then; WSAPoll still shows it. */
static inline bool system_end_is_reset(SOCKET s)
{
    WSAPOLLFD poll = {.fd = s, .events = POLLIN};

    return WSAPoll(&poll, 1, 0) > 0 && (poll.revents & POLLERR);
}

#else

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

typedef int SOCKET;
typedef socklen_t system_length;

enum { SYSTEM_SEND_FLAGS = MSG_NOSIGNAL, SYSTEM_SHUT_SENDING = SHUT_WR };

static inline bool system_start(void)
{
    return true;
}

static inline void system_stop(void)
{
}

static inline uint64_t system_now_ms(void)
{
    struct timespec now;

    clock_gettime(CLOCK_MONOTONIC, &now);
    return (uint64_t)now.tv_sec * 1000 + (uint64_t)now.tv_nsec / 1000000;
}

static inline int system_error(void)
{
    return errno;
}

static inline bool system_is_pending(int error)
{
    return error == EAGAIN || error == EWOULDBLOCK || error == EINPROGRESS ||
           error == EINTR;
}

static inline bool system_is_reset(int error)
{
    return error == ECONNRESET || error == EPIPE || error == ENOTCONN;
}

static inline bool system_is_refused(int error)
{
    return error == ECONNREFUSED;
}

static inline bool system_set_nonblocking(SOCKET s)
{
    return fcntl(s, F_SETFL, O_NONBLOCK) == 0;
}

static inline void system_close(SOCKET s)
{
    close(s);
}

/* 1: ready, or failed, which the next call on it tells; 0: not within `ms`; -1: error.
 */
static inline int system_wait(SOCKET s, bool for_sending, unsigned ms)
{
    struct pollfd socket = {.fd = s, .events = for_sending ? POLLOUT : POLLIN};
    int ready = poll(&socket, 1, (int)ms);

    return ready < 0 && errno == EINTR ? 0 : ready;
}

/* Whether what recv() presented as the end was a reset. */
static inline bool system_end_is_reset(SOCKET s)
{
    /* The systems at hand tell it by recv() itself. */
    (void)s;
    return false;
}

#endif
#endif

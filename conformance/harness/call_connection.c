/* Calls that make, connect and end sockets. */
#include "call.h"
#include "callback.h"
#include "running.h"
#include "shield.h"
#include "socket_list.h"

struct outcome recv_disconnect(struct spi_test *t, WSABUF *data)
{
    return spi_recv_disconnect(t, t->s, data);
}

struct outcome spi_recv_disconnect(struct spi_test *t, SOCKET s, WSABUF *data)
{
    struct spi_call made;
    struct outcome outcome;
    struct shield shield;
    WSABUF *shielded = shield_raise(&shield, data, 1);

    SPI_CALL_BEGIN(&made,
                   "WSPRecvDisconnect",
                   "s=0x%zx, data=%s",
                   (size_t)s,
                   buffer_argument(data).text);
    outcome = spi_call_end(
        &made, functions_of(t)->lpWSPRecvDisconnect(s, shielded, &made.error));
    shield_lower(&shield, "WSPRecvDisconnect");
    if (!outcome.failed)
        socket_list_deafened(s);
    return outcome;
}

struct outcome spi_send_disconnect(struct spi_test *t, SOCKET s, WSABUF *data)
{
    struct spi_call made;
    struct outcome outcome;
    struct shield shield;
    WSABUF *shielded = shield_raise(&shield, data, 1);

    SPI_CALL_BEGIN(&made,
                   "WSPSendDisconnect",
                   "s=0x%zx, data=%s",
                   (size_t)s,
                   buffer_argument(data).text);
    outcome = spi_call_end(
        &made, functions_of(t)->lpWSPSendDisconnect(s, shielded, &made.error));
    shield_lower(&shield, "WSPSendDisconnect");
    return outcome;
}

struct outcome spi_shutdown(struct spi_test *t, SOCKET s, int how)
{
    static const char *const names[] = {"SD_RECEIVE", "SD_SEND", "SD_BOTH"};
    struct spi_call made;
    struct outcome outcome;

    SPI_CALL_BEGIN(&made,
                   "WSPShutdown",
                   "s=0x%zx, how=%s",
                   (size_t)s,
                   how >= 0 && how < 3 ? names[how] : "an invalid one");
    outcome = spi_call_end(&made, functions_of(t)->lpWSPShutdown(s, how, &made.error));
    if (!outcome.failed && how != SD_SEND)
        socket_list_deafened(s);
    return outcome;
}

struct outcome spi_close(struct spi_test *t, SOCKET s)
{
    struct spi_call made;
    struct outcome outcome;

    SPI_CALL_BEGIN(&made, "WSPCloseSocket", "s=0x%zx", (size_t)s);
    outcome = spi_call_end(&made, functions_of(t)->lpWSPCloseSocket(s, &made.error));
    if (!outcome.failed)
        socket_list_closed(s);
    return outcome;
}

static struct outcome
make_socket(struct spi_test *t, WSAPROTOCOL_INFOW *info, DWORD flags)
{
    struct spi_call made;
    SOCKET s;

    SPI_CALL_BEGIN(&made,
                   "WSPSocket",
                   "af=%d, type=%d, protocol=%d, flags=0x%lx",
                   info->iAddressFamily,
                   info->iSocketType,
                   info->iProtocol,
                   flags);
    s = functions_of(t)->lpWSPSocket(info->iAddressFamily,
                                     info->iSocketType,
                                     info->iProtocol,
                                     info,
                                     0,
                                     flags,
                                     &made.error);
    return spi_call_end_socket(&made, s);
}

struct outcome spi_socket(struct spi_test *t, DWORD flags)
{
    /* A copy: the parameter is not const. */
    WSAPROTOCOL_INFOW info = *t->entry;

    return make_socket(t, &info, flags);
}

struct outcome spi_socket_from(struct spi_test *t, WSAPROTOCOL_INFOW *info)
{
    return make_socket(t, info, WSA_FLAG_OVERLAPPED);
}

struct outcome
spi_bind(struct spi_test *t, SOCKET s, const struct sockaddr *name, int length)
{
    struct spi_call made;

    SPI_CALL_BEGIN(&made,
                   "WSPBind",
                   "s=0x%zx, name=%s",
                   (size_t)s,
                   address_argument(name, length).text);
    return spi_call_end(&made,
                        functions_of(t)->lpWSPBind(s, name, length, &made.error));
}

struct outcome spi_listen(struct spi_test *t, SOCKET s, int backlog)
{
    struct spi_call made;

    SPI_CALL_BEGIN(&made, "WSPListen", "s=0x%zx, backlog=%d", (size_t)s, backlog);
    return spi_call_end(&made, functions_of(t)->lpWSPListen(s, backlog, &made.error));
}

struct outcome
spi_connect(struct spi_test *t, SOCKET s, const struct sockaddr *name, int length)
{
    struct spi_call made;
    int result;

    SPI_CALL_BEGIN(&made,
                   "WSPConnect",
                   "s=0x%zx, name=%s",
                   (size_t)s,
                   address_argument(name, length).text);
    result = functions_of(t)->lpWSPConnect(
        s, name, length, NULL, NULL, NULL, NULL, &made.error);
    return spi_call_end(&made, result);
}

struct outcome spi_accept(struct spi_test *t,
                          SOCKET s,
                          struct sockaddr *name,
                          int *length,
                          LPCONDITIONPROC condition,
                          void *context)
{
    struct spi_call made;
    SOCKET accepted;

    if (condition)
        condition = callback_condition(condition);
    SPI_CALL_BEGIN(&made,
                   "WSPAccept",
                   "s=0x%zx%s",
                   (size_t)s,
                   condition ? ", with a condition function" : "");
    accepted = functions_of(t)->lpWSPAccept(
        s, name, length, condition, (DWORD_PTR)context, &made.error);
    return spi_call_end_socket(&made, accepted);
}

struct outcome spi_duplicate_socket(struct spi_test *t,
                                    SOCKET s,
                                    DWORD process,
                                    WSAPROTOCOL_INFOW *info)
{
    struct spi_call made;

    SPI_CALL_BEGIN(
        &made, "WSPDuplicateSocket", "s=0x%zx, process=%lu", (size_t)s, process);
    return spi_call_end(
        &made, functions_of(t)->lpWSPDuplicateSocket(s, process, info, &made.error));
}

struct outcome spi_cancel_blocking_call(struct spi_test *t)
{
    struct spi_call made;

    SPI_CALL_BEGIN(&made, "WSPCancelBlockingCall", "%s", "");
    return spi_call_end(&made, functions_of(t)->lpWSPCancelBlockingCall(&made.error));
}

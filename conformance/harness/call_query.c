/* Calls that ask and set: options, names, events, readiness. */
#include "call.h"
#include "running.h"
#include "socket_list.h"
#include "thread_id.h"

struct outcome spi_ioctl(struct spi_test *t,
                         SOCKET s,
                         DWORD code,
                         const void *in,
                         DWORD in_size,
                         void *out,
                         DWORD out_size)
{
    struct spi_call made;
    DWORD bytes = 0;
    int result;

    SPI_CALL_BEGIN(&made, "WSPIoctl", "s=0x%zx, code=0x%08lx", (size_t)s, code);
    result = functions_of(t)->lpWSPIoctl(s,
                                         code,
                                         (void *)(UINT_PTR)in,
                                         in_size,
                                         out,
                                         out_size,
                                         &bytes,
                                         NULL,
                                         NULL,
                                         thread_id_own(),
                                         &made.error);
    return spi_call_end_bytes(&made, result, bytes, 0);
}

struct outcome spi_set_nonblocking(struct spi_test *t, SOCKET s, bool on)
{
    u_long value = on;

    return spi_ioctl(t, s, (DWORD)FIONBIO, &value, sizeof value, NULL, 0);
}

struct outcome spi_get_option(
    struct spi_test *t, SOCKET s, int level, int name, void *value, int *size)
{
    struct spi_call made;

    SPI_CALL_BEGIN(
        &made, "WSPGetSockOpt", "s=0x%zx, level=%d, name=%d", (size_t)s, level, name);
    return spi_call_end(
        &made,
        functions_of(t)->lpWSPGetSockOpt(s, level, name, value, size, &made.error));
}

struct outcome spi_set_option(
    struct spi_test *t, SOCKET s, int level, int name, const void *value, int size)
{
    struct spi_call made;

    SPI_CALL_BEGIN(
        &made, "WSPSetSockOpt", "s=0x%zx, level=%d, name=%d", (size_t)s, level, name);
    if (level == SOL_SOCKET && name == SO_LINGER)
        socket_list_lingers(s);
    return spi_call_end(
        &made,
        functions_of(t)->lpWSPSetSockOpt(s, level, name, value, size, &made.error));
}

struct outcome
spi_get_sock_name(struct spi_test *t, SOCKET s, struct sockaddr *name, int *length)
{
    struct spi_call made;

    SPI_CALL_BEGIN(&made, "WSPGetSockName", "s=0x%zx", (size_t)s);
    return spi_call_end(
        &made, functions_of(t)->lpWSPGetSockName(s, name, length, &made.error));
}

struct outcome
spi_get_peer_name(struct spi_test *t, SOCKET s, struct sockaddr *name, int *length)
{
    struct spi_call made;

    SPI_CALL_BEGIN(&made, "WSPGetPeerName", "s=0x%zx", (size_t)s);
    return spi_call_end(
        &made, functions_of(t)->lpWSPGetPeerName(s, name, length, &made.error));
}

struct outcome spi_event_select(struct spi_test *t, SOCKET s, WSAEVENT event, long mask)
{
    struct spi_call made;

    SPI_CALL_BEGIN(&made,
                   "WSPEventSelect",
                   "s=0x%zx, event=0x%zx, mask=0x%lx",
                   (size_t)s,
                   (size_t)event,
                   mask);
    return spi_call_end(&made,
                        functions_of(t)->lpWSPEventSelect(s, event, mask, &made.error));
}

struct outcome spi_enum_network_events(struct spi_test *t,
                                       SOCKET s,
                                       WSAEVENT event,
                                       WSANETWORKEVENTS *events)
{
    struct spi_call made;

    SPI_CALL_BEGIN(&made,
                   "WSPEnumNetworkEvents",
                   "s=0x%zx, event=0x%zx",
                   (size_t)s,
                   (size_t)event);
    return spi_call_end(
        &made, functions_of(t)->lpWSPEnumNetworkEvents(s, event, events, &made.error));
}

struct outcome
spi_async_select(struct spi_test *t, SOCKET s, HWND window, unsigned message, long mask)
{
    struct spi_call made;

    SPI_CALL_BEGIN(&made,
                   "WSPAsyncSelect",
                   "s=0x%zx, window=0x%zx, message=%u, mask=0x%lx",
                   (size_t)s,
                   (size_t)window,
                   message,
                   mask);
    return spi_call_end(
        &made,
        functions_of(t)->lpWSPAsyncSelect(s, window, message, mask, &made.error));
}

/* "read 0x204"; of a set with more only the first. */
static void add_set(struct text *text, const char *name, const fd_set *set)
{
    if (!set)
        return;
    text_add(text, "%s%s", text->size ? ", " : "", name);
    if (set->fd_count)
        text_add(text, " 0x%zx", (size_t)set->fd_array[0]);
    if (set->fd_count > 1)
        text_add(text, " and %u more", set->fd_count - 1);
}

struct outcome spi_select(struct spi_test *t,
                          fd_set *readable,
                          fd_set *writable,
                          fd_set *exceptional,
                          const struct timeval *timeout)
{
    struct timeval copy = timeout ? *timeout : (struct timeval){0};
    struct spi_call made;
    char sets[128] = "";
    struct text text = TEXT_IN(sets);

    add_set(&text, "read", readable);
    add_set(&text, "write", writable);
    add_set(&text, "except", exceptional);
    if (timeout)
        SPI_CALL_BEGIN(&made,
                       "WSPSelect",
                       "%s, timeout=%.3f s",
                       sets,
                       (double)copy.tv_sec + copy.tv_usec / 1e6);
    else
        SPI_CALL_BEGIN(&made, "WSPSelect", "%s, no timeout", sets);
    return spi_call_end(
        &made,
        functions_of(t)->lpWSPSelect(
            0, readable, writable, exceptional, timeout ? &copy : NULL, &made.error));
}

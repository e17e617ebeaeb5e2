/* Calls that send and receive. */
#include "call.h"
#include "overlapped.h"
#include "running.h"
#include "shield.h"
#include "thread_id.h"

/* Starts the trace of a transfer. */
static void begin(struct spi_call *made,
                  const char *function,
                  SOCKET s,
                  const WSABUF *buffers,
                  DWORD count,
                  DWORD flags,
                  const WSAOVERLAPPED *overlapped)
{
    char how[48] = "";
    struct text text = TEXT_IN(how);

    if (overlapped)
        text_add(&text, ", overlapped=0x%zx", (size_t)overlapped);
    SPI_CALL_BEGIN(made,
                   function,
                   "s=0x%zx, buffers=%s%s, flags=0x%lx%s",
                   (size_t)s,
                   buffer_argument(buffers).text,
                   count > 1 ? " and more" : "",
                   flags,
                   how);
}

static struct outcome end(struct spi_call *made,
                          int result,
                          DWORD bytes,
                          DWORD flags,
                          WSAOVERLAPPED *overlapped)
{
    struct outcome outcome = spi_call_end_bytes(made, result, bytes, flags);

    if (overlapped)
        overlapped_started(overlapped, &outcome);
    return outcome;
}

struct outcome spi_recv_buffers(struct spi_test *t,
                                SOCKET s,
                                WSABUF *buffers,
                                DWORD count,
                                DWORD flags,
                                WSAOVERLAPPED *overlapped,
                                LPWSAOVERLAPPED_COMPLETION_ROUTINE routine)
{
    struct spi_call made;
    struct shield shield;
    WSABUF *shielded;
    DWORD bytes = 0;
    int result;

    if (overlapped)
        routine = overlapped_starts("WSPRecv", s, overlapped, routine);
    shielded = shield_raise(&shield, buffers, count);
    begin(&made, "WSPRecv", s, buffers, count, flags, overlapped);
    result = functions_of(t)->lpWSPRecv(s,
                                        shielded,
                                        count,
                                        &bytes,
                                        &flags,
                                        overlapped,
                                        routine,
                                        thread_id_own(),
                                        &made.error);
    shield_lower(&shield, "WSPRecv");
    return end(&made, result, bytes, flags, overlapped);
}

/* Where a pending WSPRecvFrom stores the sender. Nobody looks, so one does for all. */
static struct sockaddr_storage sender;
static int sender_length = sizeof sender;

struct outcome spi_recv_from_buffers(struct spi_test *t,
                                     SOCKET s,
                                     WSABUF *buffers,
                                     DWORD count,
                                     DWORD flags,
                                     WSAOVERLAPPED *overlapped,
                                     LPWSAOVERLAPPED_COMPLETION_ROUTINE routine)
{
    struct spi_call made;
    struct sockaddr_storage from;
    int from_length = sizeof from;
    struct shield shield;
    WSABUF *shielded;
    DWORD bytes = 0;
    int result;

    if (overlapped)
        routine = overlapped_starts("WSPRecvFrom", s, overlapped, routine);
    sender_length = sizeof sender;
    shielded = shield_raise(&shield, buffers, count);
    begin(&made, "WSPRecvFrom", s, buffers, count, flags, overlapped);
    result = functions_of(t)->lpWSPRecvFrom(
        s,
        shielded,
        count,
        &bytes,
        &flags,
        (struct sockaddr *)(overlapped ? &sender : &from),
        overlapped ? &sender_length : &from_length,
        overlapped,
        routine,
        thread_id_own(),
        &made.error);
    shield_lower(&shield, "WSPRecvFrom");
    return end(&made, result, bytes, flags, overlapped);
}

struct outcome spi_send_buffers(struct spi_test *t,
                                SOCKET s,
                                WSABUF *buffers,
                                DWORD count,
                                DWORD flags,
                                WSAOVERLAPPED *overlapped,
                                LPWSAOVERLAPPED_COMPLETION_ROUTINE routine)
{
    struct spi_call made;
    struct shield shield;
    WSABUF *shielded;
    DWORD bytes = 0;
    int result;

    if (overlapped)
        routine = overlapped_starts("WSPSend", s, overlapped, routine);
    shielded = shield_raise(&shield, buffers, count);
    begin(&made, "WSPSend", s, buffers, count, flags, overlapped);
    result = functions_of(t)->lpWSPSend(s,
                                        shielded,
                                        count,
                                        &bytes,
                                        flags,
                                        overlapped,
                                        routine,
                                        thread_id_own(),
                                        &made.error);
    shield_lower(&shield, "WSPSend");
    return end(&made, result, bytes, flags, overlapped);
}

LPFN_WSARECVMSG spi_checked_recv_msg(LPFN_WSARECVMSG function)
{
    return convention_recv_msg(function);
}

struct outcome
spi_recv(struct spi_test *t, SOCKET s, void *buffer, size_t size, DWORD flags)
{
    WSABUF one = {.len = (ULONG)size, .buf = buffer};

    return spi_recv_buffers(t, s, &one, 1, flags, NULL, NULL);
}

struct outcome
spi_recv_from(struct spi_test *t, SOCKET s, void *buffer, size_t size, DWORD flags)
{
    WSABUF one = {.len = (ULONG)size, .buf = buffer};

    return spi_recv_from_buffers(t, s, &one, 1, flags, NULL, NULL);
}

struct outcome
spi_send(struct spi_test *t, SOCKET s, const void *data, size_t size, DWORD flags)
{
    WSABUF one = {.len = (ULONG)size, .buf = (char *)(UINT_PTR)data};

    return spi_send_buffers(t, s, &one, 1, flags, NULL, NULL);
}

struct outcome spi_send_to(struct spi_test *t,
                           SOCKET s,
                           const void *data,
                           size_t size,
                           const struct sockaddr *name,
                           int length)
{
    WSABUF one = {.len = (ULONG)size, .buf = (char *)(UINT_PTR)data};
    struct spi_call made;
    DWORD bytes = 0;
    int result;

    SPI_CALL_BEGIN(&made,
                   "WSPSendTo",
                   "s=0x%zx, buffers=%s, to=%s",
                   (size_t)s,
                   buffer_argument(&one).text,
                   address_argument(name, length).text);
    result = functions_of(t)->lpWSPSendTo(
        s, &one, 1, &bytes, 0, name, length, NULL, NULL, thread_id_own(), &made.error);
    return end(&made, result, bytes, 0, NULL);
}

struct outcome spi_get_overlapped_result(struct spi_test *t,
                                         SOCKET s,
                                         WSAOVERLAPPED *overlapped,
                                         BOOL wait)
{
    struct spi_call made;
    struct outcome outcome;
    DWORD bytes = 0, flags = 0;
    BOOL result;

    SPI_CALL_BEGIN(&made,
                   "WSPGetOverlappedResult",
                   "s=0x%zx, overlapped=0x%zx, wait=%s",
                   (size_t)s,
                   (size_t)overlapped,
                   wait ? "TRUE" : "FALSE");
    result = functions_of(t)->lpWSPGetOverlappedResult(
        s, overlapped, &bytes, wait, &flags, &made.error);
    outcome = spi_call_end_bool(&made, result, bytes);
    outcome.flags = flags;
    if (!outcome.failed)
        overlapped_completed(overlapped);
    return outcome;
}

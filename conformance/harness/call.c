#include "call.h"

#include "access.h"
#include "callback.h"
#include "error_name.h"
#include "record.h"
#include "socket_list.h"

#include <stdio.h>
#include <string.h>

/* How *lpErrno is shown after a success: only worth a word if it was touched. */
static struct argument error_argument(bool failed, int error)
{
    struct argument argument = {""};
    struct text text = TEXT_IN(argument.text);
    const char *name = error_name(error);

    if (error == ERRNO_POISON)
        text_add(&text, failed ? ", *lpErrno never written" : "");
    else
        text_add(&text,
                 ", %s%s (%d)",
                 failed ? "" : "*lpErrno ",
                 name ? name : "code",
                 error);
    return argument;
}

#define CANARY 0x5AFECA11

static bool is_whole(const int *canaries)
{
    for (int i = 0; i < 4; ++i)
        if (canaries[i] != CANARY)
            return false;
    return true;
}

void spi_call_arm(struct spi_call *made)
{
    made->error = ERRNO_POISON;
    for (int i = 0; i < 4; ++i)
        made->before[i] = made->behind[i] = CANARY;
}

static void check_around_error(const struct spi_call *made)
{
    if (is_whole(made->before) && is_whole(made->behind))
        return;
    record_finding("nothing written around *lpErrno",
                   "%s has written to memory %s *lpErrno",
                   made->call.function,
                   is_whole(made->before) ? "behind" : "in front of");
}

struct outcome spi_call_end(struct spi_call *made, int result)
{
    return spi_call_end_bytes(made, result, 0, 0);
}

struct outcome
spi_call_end_bytes(struct spi_call *made, int result, DWORD bytes, DWORD flags)
{
    struct outcome outcome = {.function = made->call.function,
                              .failed = result == SOCKET_ERROR,
                              .result = result,
                              .error = made->error,
                              .socket = INVALID_SOCKET,
                              .flags = flags};
    struct argument error = error_argument(outcome.failed, made->error);
    char count[32] = "";

    check_around_error(made);
    if (!outcome.failed && bytes) {
        outcome.bytes = bytes;
        snprintf(count, sizeof count, ", %lu bytes", bytes);
    }
    if (outcome.failed)
        outcome.ms = call_end(&made->call, "SOCKET_ERROR%s", error.text);
    else
        outcome.ms = call_end(&made->call, "%d%s%s", result, count, error.text);
    return outcome;
}

struct outcome spi_call_end_socket(struct spi_call *made, SOCKET s)
{
    struct outcome outcome = {.function = made->call.function,
                              .failed = s == INVALID_SOCKET,
                              .result = s == INVALID_SOCKET ? SOCKET_ERROR : 0,
                              .error = made->error,
                              .socket = s};
    struct argument error = error_argument(outcome.failed, made->error);

    check_around_error(made);
    if (outcome.failed) {
        outcome.ms = call_end(&made->call, "INVALID_SOCKET%s", error.text);
    } else {
        outcome.ms = call_end(&made->call, "0x%zx%s", (size_t)s, error.text);
        socket_list_opened(s);
    }
    return outcome;
}

struct outcome spi_call_end_bool(struct spi_call *made, BOOL result, DWORD bytes)
{
    struct outcome outcome = {.function = made->call.function,
                              .failed = !result,
                              .result = result,
                              .error = made->error,
                              .socket = INVALID_SOCKET,
                              .bytes = result ? bytes : 0};
    struct argument error = error_argument(outcome.failed, made->error);

    check_around_error(made);
    if (result)
        outcome.ms = call_end(&made->call, "TRUE, %lu bytes%s", bytes, error.text);
    else
        outcome.ms = call_end(&made->call, "FALSE%s", error.text);
    return outcome;
}

struct argument buffer_argument(const WSABUF *buffer)
{
    struct argument argument = {""};
    struct text text = TEXT_IN(argument.text);

    if (!buffer)
        text_add(&text, "NULL");
    else if (!is_readable(buffer, sizeof *buffer))
        text_add(&text, "0x%zx, which cannot be read", (size_t)buffer);
    else
        text_add(&text, "{len %lu, buf 0x%zx}", buffer->len, (size_t)buffer->buf);
    return argument;
}

struct argument address_argument(const struct sockaddr *address, int length)
{
    struct argument argument = {""};
    char host[64] = "";
    char port[16] = "";

    if (!address)
        snprintf(argument.text, sizeof argument.text, "NULL");
    else if (getnameinfo(address,
                         length,
                         host,
                         sizeof host,
                         port,
                         sizeof port,
                         NI_NUMERICHOST | NI_NUMERICSERV))
        snprintf(argument.text,
                 sizeof argument.text,
                 "0x%zx, %d bytes",
                 (size_t)address,
                 length);
    else
        snprintf(argument.text,
                 sizeof argument.text,
                 strchr(host, ':') ? "[%s]:%s" : "%s:%s",
                 host,
                 port);
    return argument;
}

void convention_broken(const char *function, const char *broken)
{
    record_finding("the calling convention WSPAPI",
                   "%s does not keep to the calling convention: it has changed %s",
                   function,
                   broken);
}

void callback_broken(const char *callback, const char *how)
{
    record_finding("the calling convention CALLBACK",
                   "the provider does not keep to the calling convention: it calls %s "
                   "with %s",
                   callback,
                   how);
}
